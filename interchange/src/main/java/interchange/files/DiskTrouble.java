package interchange.files;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.Set;

/** Tells what a disk lacks for a while from what will never work. */
final class DiskTrouble {
    /** As the C library says ENOSPC, EDQUOT, EIO, ESTALE, EMFILE, ENFILE, ENOMEM, EAGAIN, ETIMEDOUT; Java has no numbers. */
    private static final Set<String> PASSING = Set.of(
            "no space left on device",
            "disk quota exceeded",
            "input/output error",
            "stale file handle",
            "too many open files",
            "too many open files in system",
            "cannot allocate memory",
            "resource temporarily unavailable",
            "connection timed out",
            "transport endpoint is not connected");

    private DiskTrouble() {}

    /** Whether the same may succeed later without anybody changing the workflow. */
    static boolean isPassing(IOException e) {
        String words = e instanceof FileSystemException named && named.getReason() != null
                ? named.getReason()
                : String.valueOf(e.getMessage());
        return PASSING.contains(words.toLowerCase(Locale.ROOT));
    }
}
