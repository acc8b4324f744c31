package interchange.daemon;

import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The network interfaces of this host, by which sites say which of its addresses their nodes can reach. */
final class Interfaces {
    private Interfaces() {}

    static List<String> names() {
        return all().stream().map(NetworkInterface::getName).sorted().toList();
    }

    /** Of what a site gives as addresses, what can't be used here: names of nothing, and patterns where none matches. */
    static List<String> unmatched(Collection<String> given) {
        boolean noPatternMatches = given.stream()
                .filter(Interfaces::isPattern)
                .allMatch(any -> matching(any).isEmpty());
        return given.stream()
                .filter(some ->
                        isPattern(some) ? noPatternMatches : matching(some).isEmpty() && !isResolved(some))
                .toList();
    }

    /**
     * Names and addresses as they are, and the addresses of interfaces, each once. Empty: nothing of it can be used here,
     * so that it is no reason to leave out any address of the host.
     */
    static List<String> usable(Collection<String> given) {
        return unmatched(given).containsAll(given) ? List.of() : resolve(given);
    }

    /** Names and addresses as they are, and the addresses of interfaces, each once. Empty: no pattern matches. */
    static List<String> resolve(Collection<String> given) {
        Set<String> addresses = new LinkedHashSet<>();
        for (String some : given) {
            List<NetworkInterface> interfaces = matching(some);
            if (interfaces.isEmpty() && !isPattern(some)) {
                addresses.add(some);
            }
            for (NetworkInterface each : interfaces) {
                each.inetAddresses()
                        .filter(address -> address instanceof Inet4Address)
                        .map(InetAddress::getHostAddress)
                        .forEach(addresses::add);
            }
        }
        return List.copyOf(addresses);
    }

    private static boolean isResolved(String name) {
        try {
            return InetAddress.getAllByName(name).length > 0;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static boolean isPattern(String text) {
        return text.contains("*") || text.contains("?");
    }

    private static List<NetworkInterface> matching(String pattern) {
        if (!pattern.matches("[A-Za-z0-9_.@*?-]+")) {
            return List.of();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        List<NetworkInterface> found = new ArrayList<>();
        for (NetworkInterface each : all()) {
            if (matcher.matches(Path.of(each.getName()))) {
                found.add(each);
            }
        }
        return found;
    }

    private static List<NetworkInterface> all() {
        try {
            return NetworkInterface.networkInterfaces().toList();
        } catch (SocketException e) {
            throw new UncheckedIOException(e);
        }
    }
}
