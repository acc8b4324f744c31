package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.journal.JournalReader.AttemptRow;
import interchange.journal.JournalReader.JobRow;
import interchange.journal.JournalReader.Runner;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what is said of single jobs and their attempts. */
final class JobRows {
    private static final String ATTEMPT_COLUMNS = """
            a.job, a.number, a.ending, a.exit_code, a.signal, a.message, coalesce(w.host, ''), a.assigned_ms,
            a.started_ms, a.ended_ms, a.cpu_ms, a.peak_memory_mib, a.warm\s""";
    /** The last attempt that has ended; what was taken back before it started is none. */
    private static final String JOBS = "SELECT " + ATTEMPT_COLUMNS + """
            , j.job, j.name, l.name,
            (SELECT count(*) FROM attempt c WHERE c.run = j.run AND c.job = j.job AND c.ending IS NOT 5),
            max(j.memory_mib, coalesce((SELECT s.memory_mib FROM job_state s WHERE s.run = j.run AND s.job = j.job), 0))
            FROM job j JOIN label l ON l.run = j.run AND l.number = j.label
            LEFT JOIN attempt a ON a.run = j.run AND a.job = j.job AND a.number =
                (SELECT max(number) FROM attempt b WHERE b.run = j.run AND b.job = j.job AND b.ending <> 5)
            LEFT JOIN worker w ON w.id = a.worker
            WHERE j.run = ? AND j.job > ? ORDER BY j.job LIMIT ?""";

    private static final String SPEC = """
            SELECT j.name, l.name, j.needs, coalesce(c.argv, '[]'), coalesce(c.directory, ''), coalesce(c.stdout, ''),
            coalesce(c.stderr, ''), j.site, j.cpus, j.memory_mib, j.disk_mib, j.walltime_s, j.priority, j.retries,
            j.retry_unless_exit, j.memory_multiplier, j.memory_max_mib, j.abort_on_exit, j.abort_return, j.environment,
            j.concurrency_limit, j.traits, coalesce(c.brings, '')
            FROM job j LEFT JOIN command c ON c.run = j.run AND c.job = j.job
            JOIN label l ON l.run = j.run AND l.number = j.label
            WHERE j.run = ? AND j.job = ?""";

    private static final String FILES = """
            SELECT path, name, kind FROM job_file WHERE run = ? AND job = ? ORDER BY number""";

    /** Joined in this order, which is that of the array. */
    private static final String COMMANDS = """
            SELECT j.job, j.name, c.argv, c.directory, c.stdout, c.stderr, j.cpus, coalesce(nullif(s.memory_mib, 0), j.memory_mib),
            j.walltime_s, j.environment, EXISTS (SELECT 1 FROM job_file f WHERE f.run = j.run AND f.job = j.job)
            FROM json_each(?1) wanted CROSS JOIN job j ON j.run = ?2 AND j.job = wanted.value
            CROSS JOIN command c ON c.run = j.run AND c.job = j.job
            CROSS JOIN (SELECT generation FROM run WHERE id = ?2) r
            LEFT JOIN job_state s ON s.run = j.run AND s.job = j.job AND s.generation = r.generation""";

    private JobRows() {}

    static Optional<Integer> find(Connection connection, int run, String name) throws SQLException {
        // Without an index: a scan of a million names takes less than people notice, its upkeep would not.
        return Rows.first(
                connection,
                "SELECT job FROM job WHERE run = ?1 AND name = ?2 AND job < (SELECT jobs FROM run WHERE id = ?1) LIMIT 1",
                row -> row.getInt(1),
                run,
                name);
    }

    static JobSpec spec(Connection connection, int run, int job) throws SQLException {
        List<JobFile> files = files(connection, run, job);
        return Rows.first(connection, SPEC, row -> spec(job, files, row), run, job)
                .orElseThrow(() -> new IllegalStateException("run " + run + " has no job " + job));
    }

    static List<JobFile> files(Connection connection, int run, int job) throws SQLException {
        return Rows.list(
                connection,
                FILES,
                row -> new JobFile(row.getString(1), row.getString(2), JobFile.Kind.of(row.getInt(3))),
                run,
                job);
    }

    private static JobSpec spec(int job, List<JobFile> files, ResultSet row) throws SQLException {
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
                row.getInt(12),
                row.getInt(13),
                RunRecovery.policy(row, 14),
                row.getInt(20),
                row.getString(21),
                row.getInt(22),
                row.getString(23),
                files);
    }

    static List<JobCommand> commands(Connection connection, int run, List<Integer> jobs) throws SQLException {
        List<JobCommand> commands =
                Rows.list(connection, COMMANDS, row -> command(connection, run, row), JsonText.ofNumbers(jobs), run);
        if (commands.size() != jobs.size()) {
            throw new IllegalStateException("run " + run + " has not all of the jobs " + jobs);
        }
        return commands;
    }

    private static JobCommand command(Connection connection, int run, ResultSet row) throws SQLException {
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
                row.getInt(10),
                row.getBoolean(11) ? files(connection, run, row.getInt(1)) : List.of());
    }

    static List<JobRow> list(Connection connection, int run, int after, int limit) throws SQLException {
        return Rows.list(
                connection,
                JOBS,
                row -> {
                    boolean none = row.getObject(2) == null;
                    Optional<AttemptRow> last = none ? Optional.empty() : Optional.of(attempt(row));
                    return new JobRow(
                            row.getInt(14), row.getString(15), row.getString(16), row.getInt(17), row.getInt(18), last);
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

    static Map<Integer, Runner> runners(Connection connection, int run, int job) throws SQLException {
        Map<Integer, Runner> runners = new HashMap<>();
        Rows.each(
                connection,
                "SELECT a.number, w.host, w.incarnation, coalesce(s.settings, '') FROM attempt a"
                        + " JOIN worker w ON w.id = a.worker LEFT JOIN block b ON b.id = w.block"
                        + " LEFT JOIN site s ON s.id = b.site WHERE a.run = ? AND a.job = ?",
                row -> runners.put(row.getInt(1), new Runner(row.getString(2), row.getString(3), row.getString(4))),
                run,
                job);
        return runners;
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
                row.getLong(12),
                row.getBoolean(13));
    }
}
