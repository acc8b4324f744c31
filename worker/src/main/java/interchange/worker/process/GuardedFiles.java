package interchange.worker.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Opens files, but never while a process is being started. A job that held one that is being written could keep another
 * from being executed ("text file busy"), or a disk from being unmounted.
 */
public final class GuardedFiles {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final ForkLock lock;

    public GuardedFiles(ForkLock lock) {
        this.lock = lock;
    }

    /** One that it makes is its owner's alone. */
    public FileChannel open(Path file, OpenOption... options) throws IOException {
        try (var _ = lock.hold()) {
            return openNow(file, options);
        }
    }

    /**
     * Opens one on a file system that may hang, and so not under the lock, without which no job can be started. It may
     * appear while one is; but each thread that opens so makes no more than one appear until that start is over, and a
     * job closes some descriptors above those that it has seen.
     */
    public FileChannel openElsewhere(Path file, OpenOption... options) throws IOException {
        FileChannel channel = openNow(file, options);
        lock.hold().close();
        return channel;
    }

    private static FileChannel openNow(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
}
