package interchange.daemon;

import interchange.shared.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** The daemon's directory: where each thing in it lies. Immutable. */
public record Home(Path directory) {
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    /** Made absolute, since the daemon's own directory is {@code /}. */
    public Home {
        directory = directory.toAbsolutePath().normalize();
    }

    /**
     * Makes what is missing of it.
     *
     * @throws RefusedException when others could read or write in it, or it can't be made
     */
    void prepare() throws RefusedException {
        try {
            makePrivate(directory);
            refuseStrangers();
            for (Path below : new Path[] {log(), blocks(), environments(), keys(), incoming()}) {
                makePrivate(below);
            }
        } catch (IOException e) {
            throw new RefusedException(directory + " can't be used as the daemon's directory: " + Reasons.of(e)
                    + " (set INTERCHANGE_HOME to a directory that you may write)");
        }
    }

    private static void makePrivate(Path path) throws IOException {
        if (Files.exists(path)) {
            if (!Files.isDirectory(path)) {
                throw new NotDirectoryException(path.toString());
            }
            return;
        }
        Files.createDirectories(path, PosixFilePermissions.asFileAttribute(PRIVATE));
    }

    private void refuseStrangers() throws IOException, RefusedException {
        Set<PosixFilePermission> others = EnumSet.copyOf(PRIVATE);
        Set<PosixFilePermission> present = Files.getPosixFilePermissions(directory);
        if (!others.containsAll(present)) {
            throw new RefusedException(directory + " is open to other users (" + PosixFilePermissions.toString(present)
                    + ") and holds keys: chmod 700 " + directory);
        }
        String owner = Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).getName();
        if (!Files.isWritable(directory)) {
            throw new RefusedException(directory + " can't be written (it belongs to " + owner + ")");
        }
    }

    Path journal() {
        return directory.resolve("journal.db");
    }

    Path keys() {
        return directory.resolve("keys");
    }

    Path clientConnection() {
        return directory.resolve("client.connection");
    }

    Path workerConnection() {
        return directory.resolve("worker.connection");
    }

    /** For the workers of a site that says its own addresses. */
    Path workerConnectionOf(int site) {
        return directory.resolve("worker." + site + ".connection");
    }

    Path owner() {
        return directory.resolve("owner");
    }

    Path config() {
        return directory.resolve("config.yaml");
    }

    Path sites() {
        return directory.resolve("sites.yaml");
    }

    Path log() {
        return directory.resolve("log");
    }

    Path blocks() {
        return directory.resolve("blocks");
    }

    /** Named by the token too: the ids of another journal, or of an older copy, begin anew. */
    Path block(int block, String token) {
        return blocks().resolve(block + "-" + token);
    }

    Path environments() {
        return directory.resolve("environments");
    }

    /** Notes of outputs that have come in part. */
    Path incoming() {
        return directory.resolve("incoming");
    }

    /** Exists while the daemon should be running. */
    Path wanted() {
        return directory.resolve("wanted");
    }
}
