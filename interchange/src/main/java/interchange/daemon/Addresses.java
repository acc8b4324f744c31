package interchange.daemon;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Where this host can be reached: peers try all side by side. */
final class Addresses {
    private static final String ALL = "*";

    private Addresses() {}

    /** Best first: the host's name, which may mean the right one to everyone, then each address. */
    static List<String> ofThisHost(String bind) throws IOException {
        if (!bind.equals(ALL)) {
            return List.of(bind);
        }
        Set<String> found = new LinkedHashSet<>();
        found.add(InetAddress.getLocalHost().getHostName());
        List<InetAddress> addresses = new ArrayList<>();
        NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address)
                .forEach(addresses::add);
        addresses.sort(Comparator.comparing(InetAddress::isLoopbackAddress));
        addresses.forEach(address -> found.add(address.getHostAddress()));
        return List.copyOf(found);
    }
}
