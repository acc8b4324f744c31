package interchange.journal;

import interchange.core.RunState;
import interchange.journal.JournalReader.Abort;
import interchange.journal.JournalReader.RunRow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what is said of runs as a whole. */
final class RunRows {
    private static final String COLUMNS = """
            SELECT id, submission, global_id, name, submit_directory, site, jobs, submitted_ms, state, ended_ms, held,
            cancel_request <> '', abort_job, abort_return FROM run WHERE\s""";

    private static final String ABORT = "SELECT name, abort_on_exit FROM job WHERE run = ? AND job = ?";

    private RunRows() {}

    static Optional<RunHeader> header(Connection connection, int run) throws SQLException {
        // Also of one that is still being staged.
        return read(connection, "id = ?", run).stream().map(RunRow::header).findFirst();
    }

    static Optional<RunRow> run(Connection connection, int run) throws SQLException {
        return read(connection, "id = ? AND appeared_ms > 0", run).stream().findFirst();
    }

    static List<RunRow> runs(Connection connection, long endedAfterEpochMillis) throws SQLException {
        return read(
                connection,
                "appeared_ms > 0 AND (state IN (0, 4) OR ended_ms > ?) ORDER BY id DESC",
                endedAfterEpochMillis);
    }

    private static List<RunRow> read(Connection connection, String condition, Object value) throws SQLException {
        List<RunRow> rows = new ArrayList<>();
        Rows.each(connection, COLUMNS + condition, row -> rows.add(read(connection, row)), value);
        return rows;
    }

    private static RunRow read(Connection connection, ResultSet row) throws SQLException {
        int run = row.getInt(1);
        RunHeader header = new RunHeader(
                run,
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                attributes(connection, run),
                texts(connection, "SELECT name FROM label WHERE run = ? ORDER BY number", run),
                maxJobs(connection, run),
                texts(
                        connection,
                        "SELECT note FROM run_note WHERE run = ?1 AND generation IN (-1, (SELECT generation FROM run WHERE id = ?1))"
                                + " ORDER BY number",
                        run),
                row.getInt(7),
                row.getLong(8));
        String held = row.getString(11);
        RunState stored = RunState.of(row.getInt(9));
        RunState state = held.isEmpty() || stored.ended() ? stored : RunState.HELD;
        return new RunRow(header, state, row.getLong(10), held, row.getBoolean(12), abort(connection, run, row));
    }

    private static Optional<Abort> abort(Connection connection, int run, ResultSet row) throws SQLException {
        int job = row.getInt(13);
        int returnValue = row.getInt(14);
        return job < 0
                ? Optional.empty()
                : Rows.first(
                        connection, ABORT, some -> new Abort(some.getString(1), some.getInt(2), returnValue), run, job);
    }

    private static Map<String, String> attributes(Connection connection, int run) throws SQLException {
        Map<String, String> attributes = new HashMap<>();
        Rows.each(
                connection,
                "SELECT name, value FROM run_attribute WHERE run = ?",
                row -> attributes.put(row.getString(1), row.getString(2)),
                run);
        return attributes;
    }

    private static Map<String, Integer> maxJobs(Connection connection, int run) throws SQLException {
        Map<String, Integer> maxJobs = new HashMap<>();
        Rows.each(
                connection,
                "SELECT name, max_jobs FROM label WHERE run = ? AND max_jobs > 0",
                row -> maxJobs.put(row.getString(1), row.getInt(2)),
                run);
        return maxJobs;
    }

    private static List<String> texts(Connection connection, String sql, int run) throws SQLException {
        return Rows.list(connection, sql, row -> row.getString(1), run);
    }
}
