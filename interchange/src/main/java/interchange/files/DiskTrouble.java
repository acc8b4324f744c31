package interchange.files;

import interchange.shared.SystemErrors;
import java.io.IOException;
import java.util.Set;

/** Tells what a disk lacks for a while from what will never work. */
final class DiskTrouble {
    /** EIO, EAGAIN, ENOMEM, ENFILE, EMFILE, ENOSPC, ENOTCONN, ETIMEDOUT, ESTALE and EDQUOT. */
    private static final Set<Integer> PASSING = Set.of(5, 11, 12, 23, 24, 28, 107, 110, 116, 122);

    private DiskTrouble() {}

    /** Whether the same may succeed later without anybody changing the workflow. */
    static boolean isPassing(IOException e) {
        return SystemErrors.isOneOf(e, PASSING);
    }
}
