package interchange.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Removes runs: what names them at once, their jobs and attempts little by little. */
final class Doom {
    /** Jobs whose rows go in one turn; some milliseconds. */
    private static final int JOBS_PER_SWEEP = 1_000;
    /** Free pages are used again; only when they are many is the file made smaller. */
    private static final int FREE_PAGES_MIN = 2_500;

    private static final int PAGES_PER_SWEEP = 2_000;
    private static final List<String> TABLES_BY_JOB = List.of("attempt", "job_state", "job_file", "command", "job");
    private static final List<String> TABLES_BY_RUN = List.of("run_attribute", "run_note", "run_count", "label");

    private final Connection connection;

    Doom(Connection connection) {
        this.connection = connection;
    }

    /** The run is not there any more; its rows wait for {@link #sweep}. Within a transaction of the caller's. */
    void run(int run) throws SQLException {
        Rows.update(connection, "INSERT INTO doomed VALUES (?) ON CONFLICT DO NOTHING", run);
        Rows.update(connection, "DELETE FROM run WHERE id = ?", run);
        for (String table : TABLES_BY_RUN) {
            Rows.update(connection, "DELETE FROM " + table + " WHERE run = ?", run);
        }
    }

    /** Removes jobs that nobody has seen. Within a transaction of the caller's. */
    void tail(int run, int from, int to) throws SQLException {
        for (String table : TABLES_BY_JOB) {
            Rows.update(connection, "DELETE FROM " + table + " WHERE run = ? AND job >= ? AND job < ?", run, from, to);
        }
    }

    /** Removes some rows; says whether there are more. Within a transaction of the caller's. */
    boolean sweep() throws SQLException {
        long run = Connections.number(connection, "SELECT coalesce(min(run), -1) FROM doomed");
        if (run < 0) {
            return false;
        }
        long first = Long.MAX_VALUE;
        for (String table : TABLES_BY_JOB) {
            first = Math.min(first, firstJob(table, run));
        }
        if (first == Long.MAX_VALUE) {
            Rows.update(connection, "DELETE FROM doomed WHERE run = ?", run);
            return true;
        }
        for (String table : TABLES_BY_JOB) {
            Rows.update(connection, "DELETE FROM " + table + " WHERE run = ? AND job < ?", run, first + JOBS_PER_SWEEP);
        }
        return true;
    }

    /** Gives some free pages back to the file system; says whether there are more. Outside of a transaction. */
    boolean shrink() throws SQLException {
        long free = Connections.number(connection, "PRAGMA freelist_count");
        long all = Connections.number(connection, "PRAGMA page_count");
        if (free < FREE_PAGES_MIN || free < all / 4) {
            return false;
        }
        Connections.pragma(connection, "incremental_vacuum(" + PAGES_PER_SWEEP + ")");
        return true;
    }

    private long firstJob(String table, long run) throws SQLException {
        String sql = "SELECT job FROM " + table + " WHERE run = ? ORDER BY job LIMIT 1";
        return Rows.first(connection, sql, row -> row.getLong(1), run).orElse(Long.MAX_VALUE);
    }
}
