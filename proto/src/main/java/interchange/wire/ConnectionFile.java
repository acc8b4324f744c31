package interchange.wire;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * How to reach a daemon: written by it, mode 0600, once for clients and once for workers.
 *
 * @param version of the daemon that wrote it
 * @param addresses hosts or IP addresses of the daemon, best first
 * @param port of the socket for this kind of peer
 * @param filesPort of the socket by which files travel, for workers; 0: none
 * @param serverKey the daemon's public CURVE key, Z85, 40 characters
 * @param publicKey this kind of peer's public key, Z85
 * @param secretKey this kind of peer's secret key, Z85
 */
public record ConnectionFile(
        String version,
        List<String> addresses,
        int port,
        int filesPort,
        String serverKey,
        String publicKey,
        String secretKey) {
    private static final int BYTES_MAX = 64 * 1024;
    private static final int PORT_MAX = 65_535;
    private static final String FILES_PORT = "files-port";

    public ConnectionFile {
        addresses = List.copyOf(addresses);
    }

    /** Of a peer that sends and gets no files. */
    public ConnectionFile(
            String version, List<String> addresses, int port, String serverKey, String publicKey, String secretKey) {
        this(version, addresses, port, 0, serverKey, publicKey, secretKey);
    }

    /** The same daemon, by the socket for files; empty: it has none, being older. */
    public Optional<ConnectionFile> forFiles() {
        return filesPort == 0
                ? Optional.empty()
                : Optional.of(new ConnectionFile(version, addresses, filesPort, 0, serverKey, publicKey, secretKey));
    }

    /** The same with other addresses. */
    public ConnectionFile at(List<String> others) {
        return new ConnectionFile(version, others, port, filesPort, serverKey, publicKey, secretKey);
    }

    /**
     * Reads what {@link #write} wrote. Keys of a later version are passed over.
     *
     * @throws java.nio.file.NoSuchFileException when there is none: no daemon has run here
     * @throws IOException naming the file, and the key that is missing or wrong
     */
    public static ConnectionFile read(Path file) throws IOException {
        Entries entries = new Entries(file, load(file));
        String version = entries.text("version");
        if (Version.parse(version).isEmpty()) {
            throw entries.wrong("version", "'" + version + "' is no version");
        }
        return new ConnectionFile(
                version,
                entries.addresses("addresses"),
                entries.port("port"),
                entries.has(FILES_PORT) ? entries.port(FILES_PORT) : 0,
                entries.curveKey("server-key"),
                entries.curveKey("public-key"),
                entries.curveKey("secret-key"));
    }

    /** Replaces the file as a whole, so that a reader finds the old or the new one. */
    public void write(Path file) throws IOException {
        PrivateFile.write(file, """
                # Written by the interchange daemon when it starts. Holds a secret key: keep it to yourself.
                version=%s
                addresses=%s
                port=%d
                %sserver-key=%s
                public-key=%s
                secret-key=%s
                """.formatted(
                        version, String.join(",", addresses), port, filesLine(), serverKey, publicKey, secretKey));
    }

    private String filesLine() {
        return filesPort == 0 ? "" : FILES_PORT + "=" + filesPort + "\n";
    }

    /** Without the secret, because records end up in logs. */
    @Override
    public String toString() {
        return "ConnectionFile[version=" + version + ", addresses=" + addresses + ", port=" + port + "]";
    }

    private static Properties load(Path file) throws IOException {
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException("connection file " + file + ": longer than " + BYTES_MAX + " bytes");
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw new IOException("connection file " + file + ": not in the properties format", e);
        }
        return properties;
    }

    /** The entries of one file, checked as they are taken. */
    private record Entries(Path file, Properties properties) {

        boolean has(String key) {
            return properties.containsKey(key);
        }

        String text(String key) throws IOException {
            String value = properties.getProperty(key, "").strip();
            if (value.isEmpty()) {
                throw wrong(key, "missing");
            }
            return value;
        }

        List<String> addresses(String key) throws IOException {
            List<String> found = new ArrayList<>();
            for (String address : text(key).split(",", -1)) {
                if (address.isBlank() || address.strip().chars().anyMatch(Character::isWhitespace)) {
                    throw wrong(key, "'" + address + "' is no address");
                }
                found.add(address.strip());
            }
            return found;
        }

        int port(String key) throws IOException {
            String value = text(key);
            try {
                int port = Integer.parseInt(value);
                if (port >= 1 && port <= PORT_MAX) {
                    return port;
                }
            } catch (NumberFormatException e) {
                // Said below, as for a number out of range.
            }
            throw wrong(key, "'" + value + "' is no port from 1 to " + PORT_MAX);
        }

        String curveKey(String key) throws IOException {
            String value = text(key);
            if (!CurveKeys.isKey(value)) {
                // The value may be a secret: not shown.
                throw wrong(key, "no CURVE key of 40 Z85 characters");
            }
            return value;
        }

        IOException wrong(String key, String what) {
            return new IOException("connection file " + file + ", " + key + ": " + what);
        }
    }
}
