package interchange.simulation;

import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.core.BlockPhase;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.JobId;
import interchange.core.Recovered;
import interchange.core.RunGraph;
import interchange.core.RunState;
import interchange.core.Site;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the tables of a journal mean, in memory: a second reading of the changes, independent of the scheduler's. */
public final class Ledger {
    private static final class Run {
        RunGraph graph;
        RunState state = RunState.RUNNING;
        int generation;
        String cancelRequest = "";
        boolean force;
        int abortJob = -1;
        int abortReturn;
        String restartRequest = "";
        byte[] ends;
        final Map<Integer, Integer> raisedMemoryMiB = new HashMap<>();
        final List<String> notes = new ArrayList<>();
        final Map<AttemptId, Row> attempts = new LinkedHashMap<>();

        Run(RunGraph graph) {
            this.graph = graph;
            this.ends = new byte[graph.jobs()];
        }

        void grow(RunGraph larger) {
            graph = larger;
            ends = Arrays.copyOf(ends, larger.jobs());
        }
    }

    private static final class Row {
        int generation;
        int worker;
        long started;
        Optional<AttemptEnd> end = Optional.empty();
    }

    private final Map<Integer, RunGraph> staged = new HashMap<>();
    private final Map<Integer, Run> runs = new LinkedHashMap<>();
    private final Map<Integer, Recovered.SiteRecord> sites = new LinkedHashMap<>();
    private final Map<Integer, Recovered.BlockRecord> blocks = new LinkedHashMap<>();
    private final Map<Integer, Recovered.WorkerRecord> workers = new LinkedHashMap<>();
    private int starts;
    private int lastWorker;
    private int lastBlock;

    public void stage(RunGraph graph) {
        staged.put(graph.run(), graph);
    }

    public void store(Site site) {
        sites.putIfAbsent(site.index(), new Recovered.SiteRecord(site, 0, ""));
    }

    public void commit(List<Change> changes) {
        changes.forEach(this::apply);
    }

    private void apply(Change change) {
        switch (change) {
            case Change.RunAppeared c -> appear(c.run());
            case Change.RunBecame c -> run(c.run()).state = c.state();
            case Change.RunCancelling c -> {
                run(c.run()).cancelRequest = c.request();
                run(c.run()).force = c.force();
            }
            case Change.RunAborting c -> {
                run(c.run()).abortJob = c.job();
                run(c.run()).abortReturn = c.returnValue();
            }
            case Change.RunGrew c -> run(c.run()).grow(larger(c));
            case Change.JobsCounted c -> {}
            case Change.RunNoted c -> run(c.run()).notes.add(c.note());
            case Change.MemoryRaised c -> run(c.run()).raisedMemoryMiB.put(c.job(), c.memoryMiB());
            case Change.RunRestarted c -> restart(c);
            case Change.JobEnded c ->
                run(c.run()).ends[c.job()] = (byte) c.end().code();
            case Change.AttemptAssigned c -> {
                Row row = new Row();
                row.generation = c.generation();
                row.worker = c.worker();
                run(c.attempt().run()).attempts.put(c.attempt(), row);
            }
            case Change.AttemptBegan c -> row(c.attempt()).started = c.epochMillis();
            case Change.AttemptEnded c -> row(c.attempt()).end = Optional.of(c.end());
            case Change.WorkerJoined c -> {
                lastWorker = Math.max(lastWorker, c.worker());
                workers.put(
                        c.worker(),
                        new Recovered.WorkerRecord(
                                c.worker(),
                                c.place(),
                                c.start(),
                                c.incarnation(),
                                c.host(),
                                c.pid(),
                                c.cores(),
                                c.memoryMiB(),
                                c.deadlineEpochMillis()));
            }
            case Change.WorkerLeft c -> workers.remove(c.worker());
            case Change.BlockIntended c -> {
                lastBlock = Math.max(lastBlock, c.block());
                blocks.put(
                        c.block(),
                        new Recovered.BlockRecord(
                                c.block(),
                                c.site(),
                                c.token(),
                                c.nodes(),
                                BlockPhase.INTENDED,
                                "",
                                "",
                                c.epochMillis(),
                                c.epochMillis()));
            }
            case Change.BlockBecame c -> become(c);
            case Change.SiteBecame c ->
                sites.computeIfPresent(
                        c.site(), (index, old) -> new Recovered.SiteRecord(old.site(), c.failuresInARow(), c.broken()));
        }
    }

    private void appear(int id) {
        runs.put(id, new Run(Optional.ofNullable(staged.get(id)).orElseThrow()));
    }

    private void restart(Change.RunRestarted change) {
        Run run = run(change.run());
        run.generation = change.generation();
        run.restartRequest = change.request();
        run.state = RunState.RUNNING;
        run.cancelRequest = "";
        run.force = false;
        run.abortJob = -1;
        run.abortReturn = 0;
        run.raisedMemoryMiB.clear();
        for (int job = 0; job < run.ends.length; job++) {
            if (run.ends[job] != JobEnd.SUCCEEDED.code() || !run.graph.outlivesRestart(job)) {
                run.ends[job] = (byte) JobEnd.OPEN.code();
            }
        }
    }

    private RunGraph larger(Change.RunGrew change) {
        RunGraph larger = Optional.ofNullable(staged.get(change.run())).orElseThrow();
        if (larger.jobs() != change.jobs()) {
            throw new AssertionError(
                    "run " + change.run() + " grew to " + change.jobs() + " jobs, not staged: " + larger.jobs());
        }
        return larger;
    }

    private void become(Change.BlockBecame change) {
        Recovered.BlockRecord old =
                Optional.ofNullable(blocks.get(change.block())).orElseThrow();
        blocks.put(
                change.block(),
                new Recovered.BlockRecord(
                        old.block(),
                        old.site(),
                        old.token(),
                        old.nodes(),
                        change.phase(),
                        change.batchId().orElse(old.batchId()),
                        change.message(),
                        old.intendedEpochMillis(),
                        change.epochMillis()));
    }

    private Run run(int id) {
        return Optional.ofNullable(runs.get(id)).orElseThrow();
    }

    private Row row(AttemptId id) {
        return Optional.ofNullable(run(id.run()).attempts.get(id)).orElseThrow();
    }

    public boolean visible(int run) {
        return runs.containsKey(run);
    }

    public boolean succeeded(JobId job) {
        return run(job.run()).ends[job.job()] == JobEnd.SUCCEEDED.code();
    }

    public JobEnd end(JobId job) {
        return JobEnd.of(run(job.run()).ends[job.job()]);
    }

    public int jobs(int run) {
        return run(run).ends.length;
    }

    public boolean aborted(int run) {
        return run(run).abortJob >= 0;
    }

    public RunState state(int run) {
        return run(run).state;
    }

    public void countStart() {
        starts++;
    }

    public Recovered recover() {
        List<Recovered.BlockRecord> liveBlocks = new ArrayList<>();
        for (Recovered.BlockRecord block : blocks.values()) {
            boolean hasWorkers =
                    workers.values().stream().anyMatch(w -> w.place().block() == block.block());
            if (!block.phase().over() || hasWorkers) {
                liveBlocks.add(block);
            }
        }
        List<Recovered.RunRecord> going = new ArrayList<>();
        runs.forEach((id, run) -> {
            if (!run.state.ended()) {
                going.add(record(run));
            }
        });
        return new Recovered(
                starts,
                runs.size() + 1,
                lastWorker + 1,
                lastBlock + 1,
                List.copyOf(sites.values()),
                liveBlocks,
                List.copyOf(workers.values()),
                going);
    }

    public Recovered.RunRecord recoverRun(int run) {
        return record(run(run));
    }

    private static Recovered.RunRecord record(Run run) {
        int jobs = run.graph.jobs();
        int[] attempts = new int[jobs];
        int[] failures = new int[jobs];
        int[] deaths = new int[jobs];
        int[] blockEnds = new int[jobs];
        List<Recovered.OpenAttempt> open = new ArrayList<>();
        run.attempts.forEach((id, row) -> {
            attempts[id.job()]++;
            if (row.end.isEmpty()) {
                open.add(new Recovered.OpenAttempt(id, row.worker, row.started));
            } else if (row.generation == run.generation) {
                AttemptEnd end = row.end.get();
                failures[id.job()] += end.spendsRetry() ? 1 : 0;
                deaths[id.job()] += end == AttemptEnd.WORKER_DIED ? 1 : 0;
                blockEnds[id.job()] += end == AttemptEnd.BLOCK_ENDED ? 1 : 0;
            }
        });
        return new Recovered.RunRecord(
                run.graph,
                run.state,
                run.generation,
                run.cancelRequest,
                run.force,
                run.abortJob,
                run.abortReturn,
                run.restartRequest,
                run.raisedMemoryMiB,
                run.ends.clone(),
                attempts,
                failures,
                deaths,
                blockEnds,
                open);
    }
}
