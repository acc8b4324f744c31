package interchange.broker;

import interchange.wire.CurveKeys;
import interchange.wire.PrivateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The daemon's keys: its own, and one for each kind of peer. Made at the first start; whoever has a kind's secret key
 * is of that kind.
 */
public record KeyStore(CurveKeys server, CurveKeys client, CurveKeys worker) {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final int FILE_BYTES_MAX = 1024;

    /**
     * Reads the keys, and makes those that are missing.
     *
     * @param directory of the keys alone, mode 0700; made when it is missing
     * @throws IOException naming the file, what is wrong and what to do; others must not be able to read a key
     */
    public static KeyStore open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        requirePrivate(directory, "700");
        return new KeyStore(
                key(directory.resolve("server.key")),
                key(directory.resolve("client.key")),
                key(directory.resolve("worker.key")));
    }

    @Override
    public String toString() {
        return "KeyStore[server=" + server.publicKey() + "]";
    }

    private static CurveKeys key(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return read(file);
        }
        CurveKeys drawn = CurveKeys.draw();
        PrivateFile.write(file, drawn.publicKey() + "\n" + drawn.secretKey() + "\n");
        return drawn;
    }

    private static CurveKeys read(Path file) throws IOException {
        requirePrivate(file, "600");
        List<String> lines = Files.size(file) > FILE_BYTES_MAX ? List.of() : Files.readAllLines(file);
        if (lines.size() != 2 || !CurveKeys.isKey(lines.get(0)) || !CurveKeys.isKey(lines.get(1))) {
            throw new IOException("key file " + file + ": not two lines of 40 Z85 characters (public key, secret key)."
                    + " Delete it, and a new key is made; what has the old one can no longer connect");
        }
        return new CurveKeys(lines.get(0), lines.get(1));
    }

    private static void requirePrivate(Path path, String mode) throws IOException {
        Set<PosixFilePermission> loose = EnumSet.copyOf(OWNER_ONLY);
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
        if (!loose.containsAll(found)) {
            throw new IOException(path + ": others may access it (" + PosixFilePermissions.toString(found)
                    + "), so its keys may be known. Delete the keys, or if you are sure: chmod " + mode + " " + path);
        }
    }
}
