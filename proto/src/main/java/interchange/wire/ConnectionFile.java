package interchange.wire;

import java.util.List;

/**
 * How to reach a daemon: written by it, mode 0600, once for clients and once for workers.
 *
 * @param version of the daemon that wrote it
 * @param addresses hosts or IP addresses of the daemon, best first
 * @param port of the socket for this kind of peer
 * @param serverKey the daemon's public CURVE key, Z85, 40 characters
 * @param publicKey this kind of peer's public key, Z85
 * @param secretKey this kind of peer's secret key, Z85
 */
public record ConnectionFile(
        String version, List<String> addresses, int port, String serverKey, String publicKey, String secretKey) {
    public ConnectionFile {
        addresses = List.copyOf(addresses);
    }
}
