package interchange.journal;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers questions from committed rows. */
final class SqliteReader implements JournalReader {
    private final Lender lender;

    SqliteReader(Lender lender) {
        this.lender = lender;
    }

    @Override
    public Optional<Integer> findSubmission(String submission) {
        return lender.lend(connection -> runId(connection, "submission = ?", submission));
    }

    @Override
    public Optional<Integer> findRun(String name) {
        return lender.lend(connection -> {
            if (name.matches("[0-9]{1,9}")) {
                return runId(connection, "id = ?", Integer.valueOf(name));
            }
            Optional<Integer> byGlobalId = runId(connection, "global_id = ?", name);
            return byGlobalId.isPresent() ? byGlobalId : findDirectory(connection, name);
        });
    }

    /** As it is written; else by another way through symbolic links, as BPS and shells have their own. */
    private static Optional<Integer> findDirectory(Connection connection, String name) throws SQLException {
        Optional<Integer> asWritten = runId(connection, "submit_directory IN (?, ?)", name, normalized(name));
        Optional<Path> real = realPath(name);
        if (asWritten.isPresent() || real.isEmpty()) {
            return asWritten;
        }
        List<String> newestFirst = Rows.list(
                connection,
                "SELECT submit_directory FROM run WHERE appeared_ms > 0 GROUP BY submit_directory ORDER BY max(id) DESC",
                row -> row.getString(1));
        for (String directory : newestFirst) {
            if (realPath(directory).equals(real)) {
                return runId(connection, "submit_directory = ?", directory);
            }
        }
        return Optional.empty();
    }

    private static Optional<Path> realPath(String directory) {
        try {
            Path path = Path.of(directory);
            return path.isAbsolute() ? Optional.of(path.toRealPath()) : Optional.empty();
        } catch (IOException | InvalidPathException e) {
            return Optional.empty(); // there is no such directory, or not any more: no run is found by it
        }
    }

    private static Optional<Integer> runId(Connection connection, String condition, Object... values)
            throws SQLException {
        return Rows.first(
                connection,
                "SELECT id FROM run WHERE appeared_ms > 0 AND " + condition + " ORDER BY id DESC LIMIT 1",
                row -> row.getInt(1),
                values);
    }

    private static String normalized(String directory) {
        try {
            return Path.of(directory).normalize().toString();
        } catch (InvalidPathException e) {
            return directory;
        }
    }

    @Override
    public RunHeader header(int run) {
        return lender.lend(connection ->
                RunRows.header(connection, run).orElseThrow(() -> new IllegalStateException("there is no run " + run)));
    }

    @Override
    public Optional<RunRow> run(int run) {
        return lender.lend(connection -> RunRows.run(connection, run));
    }

    @Override
    public List<RunRow> runs(long endedAfterEpochMillis) {
        return lender.lend(connection -> RunRows.runs(connection, endedAfterEpochMillis));
    }

    @Override
    public List<Integer> sites(int run) {
        return lender.lend(connection ->
                Rows.list(connection, "SELECT DISTINCT site FROM job WHERE run = ?", row -> row.getInt(1), run));
    }

    @Override
    public List<String> settingsWhereFailed(int run) {
        return lender.lend(connection -> FailureRows.settingsWhereFailed(connection, run));
    }

    @Override
    public Optional<Integer> findJob(int run, String name) {
        return lender.lend(connection -> JobRows.find(connection, run, name));
    }

    @Override
    public JobSpec job(int run, int job) {
        return lender.lend(connection -> JobRows.spec(connection, run, job));
    }

    @Override
    public List<JobCommand> commands(int run, List<Integer> jobs) {
        return lender.lend(connection -> JobRows.commands(connection, run, jobs));
    }

    @Override
    public List<JobRow> jobs(int run, int after, int limit) {
        return lender.lend(connection -> JobRows.list(connection, run, after, limit));
    }

    @Override
    public List<AttemptRow> attempts(int run, int job) {
        return lender.lend(connection -> JobRows.attempts(connection, run, job));
    }

    @Override
    public Map<Integer, Runner> runners(int run, int job) {
        return lender.lend(connection -> JobRows.runners(connection, run, job));
    }

    @Override
    public int stagedJobs(int run) {
        return lender.lend(connection -> Rows.first(
                        connection, "SELECT max(job) + 1 FROM job WHERE run = ?", row -> row.getInt(1), run)
                .orElse(0));
    }

    @Override
    public Map<String, Integer> jobNames(int run) {
        return lender.lend(connection -> {
            Map<String, Integer> names = new HashMap<>();
            Rows.each(
                    connection,
                    "SELECT name, job FROM job WHERE run = ?1 AND job < (SELECT jobs FROM run WHERE id = ?1)",
                    row -> names.put(row.getString(1), row.getInt(2)),
                    run);
            return names;
        });
    }

    @Override
    public List<JobFile> files(int run, int job) {
        return lender.lend(connection -> JobRows.files(connection, run, job));
    }

    @Override
    public byte[] ends(int run) {
        return lender.lend(connection -> EndRows.ends(connection, run));
    }

    @Override
    public Map<String, FailedJobs> failedJobs(int run) {
        return lender.lend(connection -> FailureRows.failedJobs(connection, run));
    }

    @Override
    public List<OutOfMemory> outOfMemory(int run) {
        return lender.lend(connection -> FailureRows.outOfMemory(connection, run));
    }

    @Override
    public List<LabelUsage> usage(int run) {
        return lender.lend(connection -> UsageRows.read(connection, run));
    }

    @Override
    public Map<String, Integer> finalJobs(int run) {
        return lender.lend(connection -> EndRows.finalJobs(connection, run));
    }

    @Override
    public int[][] endCounts(int run) {
        return lender.lend(connection -> EndRows.counts(connection, run));
    }

    @Override
    public void close() {
        lender.close();
    }
}
