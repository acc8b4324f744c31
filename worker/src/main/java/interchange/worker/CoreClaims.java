package interchange.worker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * The processors that this worker pins jobs to, claimed from the other workers of its user on this machine by a lock on a
 * file for each. The kernel frees them when this process ends, however it does. The loop's.
 */
final class CoreClaims {
    private static final Path SELF = Path.of("/proc/self");
    private static final String OWNER = "unix:uid";

    private final Path directory;
    private final List<FileChannel> held = new ArrayList<>();

    /** @param directory the same for all workers of the machine; made where it is missing */
    CoreClaims(Path directory) {
        this.directory = directory;
    }

    /** Not below TMPDIR, which may differ from worker to worker. */
    static CoreClaims ofThisUser() {
        return new CoreClaims(Path.of("/tmp", "interchange-cores-" + System.getProperty("user.name")));
    }

    /** Takes them all or none. Why it could not, in words; empty: they are this worker's. */
    Optional<String> take(BitSet processors) {
        release();
        try {
            prepare();
            for (int one = processors.nextSetBit(0); one >= 0; one = processors.nextSetBit(one + 1)) {
                if (!take(one)) {
                    release();
                    return Optional.of("another worker on this machine pins its jobs to processor " + one);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            release();
            return Optional.of("whether other workers on this machine use the same ones can't be told: " + e);
        }
    }

    /** Another user may have put something in its place. */
    private void prepare() throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
        }
        Object owner = Files.getAttribute(directory, OWNER, LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(Files.getAttribute(SELF, OWNER))) {
            throw new IOException(directory + " belongs to user " + owner);
        }
    }

    private boolean take(int processor) throws IOException {
        FileChannel file = FileChannel.open(
                directory.resolve(Integer.toString(processor)),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        held.add(file);
        return file.tryLock() != null;
    }

    void release() {
        for (FileChannel file : held) {
            try {
                file.close();
            } catch (IOException e) {
                // Its lock goes with it nevertheless.
            }
        }
        held.clear();
    }
}
