package interchange.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;

/** Opens connections to the journal's file, each with what it needs to be told. */
final class Connections {
    /** Nobody else writes for long; what can't be had by then is tried again by the conductor. */
    private static final int WRITER_BUSY_MILLIS = 1_000;

    private static final int READER_BUSY_MILLIS = 10_000;
    private static final int WRITER_CACHE_KIB = 32_768;
    private static final int READER_CACHE_KIB = 8_192;
    /**
     * Pages in the write-ahead log before they are brought home: few enough that doing so takes some milliseconds, as it
     * happens within a turn.
     */
    private static final int CHECKPOINT_PAGES = 1_000;

    private static final int LOG_KEPT_BYTES = 64 << 20;

    private Connections() {}

    /** For writing, but untouched as yet: the file may turn out not to be ours. */
    static Connection opened(Path file, Sharing sharing) throws SQLException {
        Connection connection = open(file, WRITER_BUSY_MILLIS);
        try {
            if (sharing == Sharing.EXCLUSIVE) {
                // Before the first use of the log, else shared memory is made for it.
                pragma(connection, "locking_mode = EXCLUSIVE");
            }
            return connection;
        } catch (SQLException e) {
            throw closed(connection, e);
        }
    }

    static Connection writer(Path file, Sharing sharing) throws SQLException {
        Connection connection = opened(file, sharing);
        try {
            prepare(connection);
            return connection;
        } catch (SQLException e) {
            throw closed(connection, e);
        }
    }

    static void prepare(Connection connection) throws SQLException {
        // Only heeded by a file that is being made.
        pragma(connection, "auto_vacuum = INCREMENTAL");
        pragma(connection, "journal_mode = WAL");
        pragma(connection, "synchronous = FULL");
        pragma(connection, "cache_size = -" + WRITER_CACHE_KIB);
        pragma(connection, "wal_autocheckpoint = " + CHECKPOINT_PAGES);
        pragma(connection, "journal_size_limit = " + LOG_KEPT_BYTES);
    }

    static Connection reader(Path file) throws SQLException {
        Connection connection = open(file, READER_BUSY_MILLIS);
        try {
            // Not opened read-only: reading a log writes to the shared memory beside it.
            pragma(connection, "query_only = TRUE");
            pragma(connection, "cache_size = -" + READER_CACHE_KIB);
            pragma(connection, "temp_store = MEMORY");
            return connection;
        } catch (SQLException e) {
            throw closed(connection, e);
        }
    }

    static void pragma(Connection connection, String setting) throws SQLException {
        execute(connection, "PRAGMA " + setting);
    }

    /** Executes any number of statements, and reads what they answer to its end. */
    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private static Connection open(Path file, int busyMillis) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(busyMillis);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    private static SQLException closed(Connection connection, SQLException cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
        return cause;
    }
}
