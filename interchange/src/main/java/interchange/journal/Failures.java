package interchange.journal;

import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** Tells the world's errors (no room, no disk, somebody's lock) from ours. */
final class Failures {
    private static final int PRIMARY_CODE = 0xff;

    private Failures() {}

    /** Whether it may go away by itself. */
    static boolean passes(SQLException failure) {
        return switch (primary(failure)) {
            case SQLITE_FULL,
                    SQLITE_IOERR,
                    SQLITE_READONLY,
                    SQLITE_CANTOPEN,
                    SQLITE_BUSY,
                    SQLITE_LOCKED,
                    SQLITE_PROTOCOL,
                    SQLITE_PERM,
                    SQLITE_NOMEM -> true;
            default -> false;
        };
    }

    /** Whether the connection is as good as before, once the transaction is rolled back. */
    static boolean sparesConnection(SQLException failure) {
        SQLiteErrorCode code = primary(failure);
        return code == SQLiteErrorCode.SQLITE_FULL
                || code == SQLiteErrorCode.SQLITE_BUSY
                || code == SQLiteErrorCode.SQLITE_LOCKED;
    }

    /** Whether the file is not what SQLite writes. */
    static boolean unreadable(SQLException failure) {
        SQLiteErrorCode code = primary(failure);
        return code == SQLiteErrorCode.SQLITE_NOTADB || code == SQLiteErrorCode.SQLITE_CORRUPT;
    }

    static JournalBlockedException blocked(Path file, SQLException failure) {
        String words = switch (primary(failure)) {
            case SQLITE_FULL -> "the disk is full, or its quota used up";
            case SQLITE_READONLY, SQLITE_PERM -> "the file can't be written, see its permissions and file system";
            case SQLITE_CANTOPEN -> "the file or its log can't be opened; is the disk full, or the directory gone?";
            case SQLITE_BUSY, SQLITE_LOCKED -> "another process holds its lock";
            default -> "the disk refuses it: is it full, or its quota used up?";
        };
        return new JournalBlockedException(file + ": " + words + " (" + failure.getMessage() + ")", failure);
    }

    /** An error that trying again can't mend. */
    static IllegalStateException fatal(Path file, SQLException failure) {
        return new IllegalStateException(file + ": " + failure.getMessage(), failure);
    }

    private static SQLiteErrorCode primary(SQLException failure) {
        for (@Nullable Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SQLiteException sqlite) {
                return SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & PRIMARY_CODE);
            }
        }
        return SQLiteErrorCode.getErrorCode(failure.getErrorCode() & PRIMARY_CODE);
    }
}
