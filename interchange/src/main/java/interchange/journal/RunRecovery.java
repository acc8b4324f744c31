package interchange.journal;

import interchange.core.AttemptId;
import interchange.core.CycleException;
import interchange.core.JobEnd;
import interchange.core.Recovered;
import interchange.core.RetryPolicy;
import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.core.RunState;
import interchange.core.Shape;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads one run as a scheduler needs it; throws where its rows contradict one another. */
final class RunRecovery {
    private static final String JOBS = """
            SELECT job, traits, label, site, cpus, memory_mib, disk_mib, walltime_s, concurrency_limit, priority, needs,
            retries, retry_unless_exit, memory_multiplier, memory_max_mib, abort_on_exit, abort_return
            FROM job WHERE run = ? AND job < ? ORDER BY job""";
    /** An open row says no more than none. */
    private static final String ENDS = """
            SELECT job, state, generation = ?2 FROM job_state
            WHERE run = ?1 AND state > 0 AND (state = 1 OR generation = ?2) AND job < ?3""";

    private static final String RAISED = """
            SELECT job, memory_mib FROM job_state WHERE run = ? AND memory_mib > 0 AND generation = ?""";
    /** The codes are those of AttemptEnd. */
    private static final String COUNTS = """
            SELECT job, max(number) + 1, sum(ending IN (1, 2, 3) AND generation = ?1), sum(ending = 6 AND generation = ?1),
            sum(ending = 7 AND generation = ?1) FROM attempt WHERE run = ?2 GROUP BY job""";

    private static final String OPEN = """
            SELECT job, number, worker, started_ms FROM attempt WHERE run = ? AND ending IS NULL ORDER BY job, number""";

    private final Connection connection;
    private final StoredSites sites;
    private final Map<Shape, Shape> shapes = new HashMap<>();
    private final Map<RetryPolicy, RetryPolicy> policies = new HashMap<>();

    RunRecovery(Connection connection, StoredSites sites) {
        this.connection = connection;
        this.sites = sites;
    }

    /** Reads a run that goes on: a scheduler must be able to take in what it has open. */
    Recovered.RunRecord readGoing(int run, Set<Integer> workers) throws SQLException {
        Recovered.RunRecord record = read(run);
        BitSet taken = new BitSet();
        for (Recovered.OpenAttempt open : record.open()) {
            int job = open.attempt().job();
            if (!workers.contains(open.worker())) {
                throw new IllegalStateException("attempt " + open.attempt() + " is of worker " + open.worker()
                        + ", which has left or is missing in the journal");
            }
            if (taken.get(job)) {
                throw new IllegalStateException("job " + job + " has two attempts at a time in the journal");
            }
            if (record.ends()[job] != JobEnd.OPEN.code()) {
                throw new IllegalStateException("job " + job + " has ended in the journal, but not its attempt");
            }
            taken.set(job);
        }
        return record;
    }

    Recovered.RunRecord read(int run) throws SQLException {
        RunRow row = Rows.first(connection, """
                SELECT jobs, state, generation, cancel_request, cancel_force, abort_job, abort_return, restart_request
                FROM run WHERE id = ?""", RunRow::of, run)
                .orElseThrow(() -> new IllegalStateException("there is no run " + run));
        RunGraph graph = graph(run, row);
        int jobs = graph.jobs();
        byte[] ends = new byte[jobs];
        Rows.each(
                connection,
                ENDS,
                end -> {
                    int job = end.getInt(1);
                    if (end.getBoolean(3) || graph.outlivesRestart(job)) {
                        ends[job] = end(end.getInt(2));
                    }
                },
                run,
                row.generation(),
                jobs);
        Map<Integer, Integer> raised = new HashMap<>();
        Rows.each(connection, RAISED, some -> raised.put(some.getInt(1), some.getInt(2)), run, row.generation());
        int[] attempts = new int[jobs];
        int[] failures = new int[jobs];
        int[] deaths = new int[jobs];
        int[] blockEnds = new int[jobs];
        Rows.each(
                connection,
                COUNTS,
                count -> {
                    int job = count.getInt(1);
                    attempts[job] = count.getInt(2);
                    failures[job] = count.getInt(3);
                    deaths[job] = count.getInt(4);
                    blockEnds[job] = count.getInt(5);
                },
                row.generation(),
                run);
        return new Recovered.RunRecord(
                graph,
                row.state(),
                row.generation(),
                row.cancelRequest(),
                row.force(),
                row.abortJob(),
                row.abortReturn(),
                row.restartRequest(),
                raised,
                ends,
                attempts,
                failures,
                deaths,
                blockEnds,
                open(run));
    }

    private record RunRow(
            int jobs,
            RunState state,
            int generation,
            String cancelRequest,
            boolean force,
            int abortJob,
            int abortReturn,
            String restartRequest) {
        static RunRow of(ResultSet row) throws SQLException {
            return new RunRow(
                    row.getInt(1),
                    RunState.of(row.getInt(2)),
                    row.getInt(3),
                    row.getString(4),
                    row.getBoolean(5),
                    row.getInt(6),
                    row.getInt(7),
                    row.getString(8));
        }
    }

    private RunGraph graph(int run, RunRow header) throws SQLException {
        List<String> labels = new ArrayList<>();
        Map<String, Integer> limits = new HashMap<>();
        Rows.each(
                connection,
                "SELECT name, max_jobs FROM label WHERE run = ? ORDER BY number",
                row -> {
                    labels.add(row.getString(1));
                    limits.put(row.getString(1), row.getInt(2));
                },
                run);
        RunGraphBuilder builder = new RunGraphBuilder(labels, limits);
        Rows.each(connection, JOBS, row -> add(row, labels, builder), run, header.jobs());
        if (builder.jobs() != header.jobs()) {
            throw new IllegalStateException(
                    "run " + run + " has " + builder.jobs() + " jobs in the journal, but should have " + header.jobs());
        }
        try {
            return builder.build(run);
        } catch (CycleException e) {
            throw new IllegalStateException("run " + run + " is damaged in the journal", e);
        }
    }

    private void add(ResultSet row, List<String> labels, RunGraphBuilder builder) throws SQLException {
        int job = row.getInt(1);
        if (job != builder.jobs()) {
            throw new IllegalStateException("job " + builder.jobs() + " is missing in the journal");
        }
        Shape asked = Shape.at(
                sites.get(row.getInt(4)), row.getInt(5), row.getInt(6), row.getInt(7), row.getInt(8), row.getString(9));
        RetryPolicy policy = policy(row, 12);
        builder.add(
                row.getInt(2),
                shapes.computeIfAbsent(asked, same -> same),
                labels.get(row.getInt(3)),
                policies.computeIfAbsent(policy, same -> same),
                row.getInt(10),
                JsonText.numbers(row.getString(11)));
    }

    /** From six columns in their order. */
    static RetryPolicy policy(ResultSet row, int first) throws SQLException {
        return new RetryPolicy(
                row.getInt(first),
                exitCodes(row.getString(first + 1)),
                row.getDouble(first + 2),
                row.getInt(first + 3),
                row.getInt(first + 4),
                row.getInt(first + 5));
    }

    private static Set<Integer> exitCodes(String text) {
        return Arrays.stream(JsonText.numbers(text)).boxed().collect(Collectors.toSet());
    }

    private List<Recovered.OpenAttempt> open(int run) throws SQLException {
        return Rows.list(
                connection,
                OPEN,
                row -> new Recovered.OpenAttempt(
                        new AttemptId(run, row.getInt(1), row.getInt(2)), row.getInt(3), row.getLong(4)),
                run);
    }

    private static byte end(int code) {
        return (byte) JobEnd.of(code).code();
    }
}
