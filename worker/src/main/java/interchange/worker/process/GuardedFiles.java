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
            return FileChannel.open(file, Set.of(options), PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
    }
}
