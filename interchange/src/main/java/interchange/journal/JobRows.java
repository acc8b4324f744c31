package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.RetryPolicy;
import interchange.journal.JournalReader.AttemptRow;
import interchange.journal.JournalReader.JobRow;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads what is said of single jobs and their attempts. */
final class JobRows {
    private static final String ATTEMPT_COLUMNS = """
            a.job, a.number, a.ending, a.exit_code, a.signal, a.message, coalesce(w.host, ''), a.assigned_ms,
            a.started_ms, a.ended_ms, a.cpu_ms, a.peak_memory_mib\s""";
    /** The last attempt that has ended; what was taken back before it started is none. */
    private static final String JOBS = "SELECT " + ATTEMPT_COLUMNS + """
            , j.job, j.name, l.name,
            (SELECT count(*) FROM attempt c WHERE c.run = j.run AND c.job = j.job AND c.ending IS NOT 5)
            FROM job j JOIN label l ON l.run = j.run AND l.number = j.label
            LEFT JOIN attempt a ON a.run = j.run AND a.job = j.job AND a.number =
                (SELECT max(number) FROM attempt b WHERE b.run = j.run AND b.job = j.job AND b.ending <> 5)
            LEFT JOIN worker w ON w.id = a.worker
            WHERE j.run = ? AND j.job > ? ORDER BY j.job LIMIT ?""";

    private static final String SPEC = """
            SELECT j.name, l.name, j.needs, c.argv, c.directory, c.stdout, c.stderr, j.site, j.cpus, j.memory_mib,
            j.memory_max_mib, j.memory_multiplier, j.walltime_s, j.priority, j.retries, j.retry_unless_exit,
            j.environment, j.concurrency_limit, r.final_job = j.job
            FROM job j JOIN command c ON c.run = j.run AND c.job = j.job
            JOIN label l ON l.run = j.run AND l.number = j.label JOIN run r ON r.id = j.run
            WHERE j.run = ? AND j.job = ?""";

    /** Joined in this order, which is that of the array. */
    private static final String COMMANDS = """
            SELECT j.job, j.name, c.argv, c.directory, c.stdout, c.stderr, j.cpus, j.memory_mib, j.walltime_s,
            j.environment
            FROM json_each(?) wanted CROSS JOIN job j ON j.run = ? AND j.job = wanted.value
            CROSS JOIN command c ON c.run = j.run AND c.job = j.job""";

    private JobRows() {}

    static Optional<Integer> find(Connection connection, int run, String name) throws SQLException {
        // Without an index: a scan of a million names takes less than people notice, its upkeep would not.
        return Rows.first(
                connection, "SELECT job FROM job WHERE run = ? AND name = ? LIMIT 1", row -> row.getInt(1), run, name);
    }

    static JobSpec spec(Connection connection, int run, int job) throws SQLException {
        return Rows.first(connection, SPEC, row -> spec(job, row), run, job)
                .orElseThrow(() -> new IllegalStateException("run " + run + " has no job " + job));
    }

    private static JobSpec spec(int job, ResultSet row) throws SQLException {
        return new JobSpec(
                job,
                row.getString(1),
                row.getString(2),
                Arrays.stream(JsonText.numbers(row.getString(3))).boxed().toList(),
                JsonText.strings(row.getString(4)),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getInt(8),
                row.getInt(9),
                row.getInt(10),
                row.getInt(11),
                row.getDouble(12),
                row.getInt(13),
                row.getInt(14),
                new RetryPolicy(row.getInt(15), RunRecovery.exitCodes(row.getString(16))),
                row.getInt(17),
                row.getString(18),
                row.getBoolean(19));
    }

    static List<JobCommand> commands(Connection connection, int run, List<Integer> jobs) throws SQLException {
        List<JobCommand> commands = Rows.list(connection, COMMANDS, JobRows::command, JsonText.ofNumbers(jobs), run);
        if (commands.size() != jobs.size()) {
            throw new IllegalStateException("run " + run + " has not all of the jobs " + jobs);
        }
        return commands;
    }

    private static JobCommand command(ResultSet row) throws SQLException {
        return new JobCommand(
                row.getInt(1),
                row.getString(2),
                JsonText.strings(row.getString(3)),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getInt(7),
                row.getInt(8),
                row.getInt(9),
                row.getInt(10));
    }

    static List<JobRow> list(Connection connection, int run, int after, int limit) throws SQLException {
        return Rows.list(
                connection,
                JOBS,
                row -> {
                    boolean none = row.getObject(2) == null;
                    Optional<AttemptRow> last = none ? Optional.empty() : Optional.of(attempt(row));
                    return new JobRow(row.getInt(13), row.getString(14), row.getString(15), row.getInt(16), last);
                },
                run,
                after,
                limit);
    }

    static List<AttemptRow> attempts(Connection connection, int run, int job) throws SQLException {
        return Rows.list(connection, "SELECT " + ATTEMPT_COLUMNS + """
                FROM attempt a LEFT JOIN worker w ON w.id = a.worker
                WHERE a.run = ? AND a.job = ? ORDER BY a.number""", JobRows::attempt, run, job);
    }

    private static AttemptRow attempt(ResultSet row) throws SQLException {
        int code = row.getInt(3);
        boolean open = row.wasNull();
        return new AttemptRow(
                row.getInt(1),
                row.getInt(2),
                open ? Optional.empty() : Optional.of(AttemptEnd.of(code)),
                row.getInt(4),
                row.getInt(5),
                row.getString(6),
                row.getString(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12));
    }
}
