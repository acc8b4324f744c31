package interchange.daemon;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where this host can be reached: peers try all side by side. */
final class Addresses {
    private static final String ALL = "*";
    private static final Logger LOG = LoggerFactory.getLogger(Addresses.class);

    private Addresses() {}

    /** Best first: the host's name, which may mean the right one to everyone, then each address. */
    static List<String> ofThisHost(String bind) throws IOException {
        if (!bind.equals(ALL)) {
            return List.of(bind);
        }
        Set<String> found = new LinkedHashSet<>();
        nameOfThisHost().ifPresent(found::add);
        List<InetAddress> addresses = new ArrayList<>();
        NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address)
                .forEach(addresses::add);
        addresses.sort(Comparator.comparing(InetAddress::isLoopbackAddress));
        addresses.forEach(address -> found.add(address.getHostAddress()));
        return List.copyOf(found);
    }

    /** Empty where the host does not know itself by name, as in some containers: it has addresses all the same. */
    private static Optional<String> nameOfThisHost() {
        try {
            return Optional.of(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            LOG.warn("This host's own name can't be resolved, so workers are not told it: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
