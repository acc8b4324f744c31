package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.core.BlockPhase;
import interchange.core.Change;
import interchange.core.CycleException;
import interchange.core.JobEnd;
import interchange.core.Recovered;
import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.core.RunState;
import interchange.core.Shape;
import interchange.core.Site;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a journal should remember, in maps: too simple to be wrong in the ways that SQL can be. */
final class ModelJournal {
    private final SortedMap<Integer, Recovered.SiteRecord> sites = new TreeMap<>();
    private final SortedMap<Integer, Recovered.BlockRecord> blocks = new TreeMap<>();
    private final SortedMap<Integer, Recovered.WorkerRecord> workers = new TreeMap<>();
    private final SortedMap<Integer, ModelRun> runs = new TreeMap<>();
    private int starts;
    private int nextRun = 1;
    private int nextWorker = 1;
    private int nextBlock = 1;

    private static final class ModelRun {
        final RunHeader header;
        final SortedMap<Integer, JobSpec> jobs = new TreeMap<>();
        final SortedMap<Integer, JobEnd> ends = new TreeMap<>();
        final SortedMap<Integer, SortedMap<Integer, ModelAttempt>> attempts = new TreeMap<>();
        boolean visible;
        RunState state = RunState.RUNNING;
        int generation;
        String cancelRequest = "";
        boolean force;
        int abortJob = -1;
        int abortReturn;
        String restartRequest = "";
        int visibleJobs;
        final SortedMap<Integer, Integer> raised = new TreeMap<>();
        final SortedMap<Integer, SortedSet<Integer>> lateNeeds = new TreeMap<>();
        final List<String> labels = new ArrayList<>();
        final Map<String, Integer> maxJobs = new HashMap<>();

        ModelRun(RunHeader header) {
            this.header = header;
            visibleJobs = header.jobs();
            labels.addAll(header.labels());
            maxJobs.putAll(header.maxJobs());
        }

        void waitFor(int job, int last) {
            lateNeeds.computeIfAbsent(job, _ -> new TreeSet<>()).add(last);
        }

        void know(String label, int most) {
            if (!labels.contains(label)) {
                labels.add(label);
                maxJobs.put(label, most);
            }
        }

        ModelAttempt attempt(AttemptId id) {
            return known(known(attempts, id.job()), id.number());
        }
    }

    private static final class ModelAttempt {
        final int generation;
        final int worker;
        long startedEpochMillis;
        String end = "";

        ModelAttempt(int generation, int worker) {
            this.generation = generation;
            this.worker = worker;
        }
    }

    private static <T> T known(Map<Integer, T> map, int key) {
        return Objects.requireNonNull(map.get(key), () -> "no " + key);
    }

    void commit(List<Write> writes) {
        writes.forEach(this::write);
    }

    private void write(Write write) {
        switch (write) {
            case Write.Decided(Change change) -> apply(change);
            case Write.RunStaged(RunHeader header) -> {
                runs.put(header.run(), new ModelRun(header));
                nextRun = Math.max(nextRun, header.run() + 1);
            }
            case Write.JobsStaged(int run, List<JobSpec> jobs) ->
                jobs.forEach(job -> {
                    known(runs, run).jobs.put(job.job(), job);
                    known(runs, run).know(job.label(), 0);
                });
            case Write.LabelsStaged(int run, List<String> labels, Map<String, Integer> maxJobs) ->
                labels.forEach(label -> known(runs, run).know(label, maxJobs.getOrDefault(label, 0)));
            case Write.TailDropped(int run, int from, int to) ->
                known(runs, run).jobs.subMap(from, to).clear();
            case Write.StageDropped(int run) -> runs.remove(run);
            case Write.SiteStored(int index, String _, String settings) ->
                sites.put(index, new Recovered.SiteRecord(Samples.site(index, settings), 0, ""));
        }
    }

    private void apply(Change change) {
        switch (change) {
            case Change.RunAppeared c -> known(runs, c.run()).visible = true;
            case Change.RunBecame c -> known(runs, c.run()).state = c.state();
            case Change.RunCancelling c -> {
                known(runs, c.run()).cancelRequest = c.request();
                known(runs, c.run()).force = c.force();
            }
            case Change.RunAborting c -> {
                known(runs, c.run()).abortJob = c.job();
                known(runs, c.run()).abortReturn = c.returnValue();
            }
            case Change.RunGrew c -> {
                known(runs, c.run()).visibleJobs = c.jobs();
                c.waiting().forEach(job -> known(runs, c.run()).waitFor(job, c.jobs() - 1));
            }
            case Change.RunNoted c -> {}
            case Change.JobsCounted c -> {}
            case Change.MemoryRaised c -> known(runs, c.run()).raised.put(c.job(), c.memoryMiB());
            case Change.RunRestarted c -> restart(known(runs, c.run()), c);
            case Change.JobEnded c -> known(runs, c.run()).ends.put(c.job(), c.end());
            case Change.AttemptAssigned c ->
                known(runs, c.attempt().run())
                        .attempts
                        .computeIfAbsent(c.attempt().job(), _ -> new TreeMap<>())
                        .putIfAbsent(c.attempt().number(), new ModelAttempt(c.generation(), c.worker()));
            case Change.AttemptBegan c -> {
                ModelAttempt attempt = known(runs, c.attempt().run()).attempt(c.attempt());
                attempt.startedEpochMillis = c.epochMillis();
            }
            case Change.AttemptEnded c ->
                known(runs, c.attempt().run()).attempt(c.attempt()).end =
                        c.end().name();
            case Change.WorkerJoined c -> {
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
                nextWorker = Math.max(nextWorker, c.worker() + 1);
            }
            case Change.WorkerLeft c -> workers.remove(c.worker());
            case Change.BlockIntended c -> {
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
                nextBlock = Math.max(nextBlock, c.block() + 1);
            }
            case Change.BlockBecame c -> {
                Recovered.BlockRecord old = known(blocks, c.block());
                blocks.put(
                        c.block(),
                        new Recovered.BlockRecord(
                                old.block(),
                                old.site(),
                                old.token(),
                                old.nodes(),
                                c.phase(),
                                c.batchId().orElse(old.batchId()),
                                c.message(),
                                old.intendedEpochMillis(),
                                c.epochMillis()));
            }
            case Change.SiteBecame c -> {
                Site site = known(sites, c.site()).site();
                sites.put(c.site(), new Recovered.SiteRecord(site, c.failuresInARow(), c.broken()));
            }
        }
    }

    private static void restart(ModelRun run, Change.RunRestarted change) {
        run.generation = change.generation();
        run.restartRequest = change.request();
        run.state = RunState.RUNNING;
        run.cancelRequest = "";
        run.force = false;
        run.abortJob = -1;
        run.abortReturn = 0;
        run.raised.clear();
        run.ends
                .entrySet()
                .removeIf(end -> end.getValue() != JobEnd.SUCCEEDED
                        || (known(run.jobs, end.getKey()).traits() & 11) != 0);
    }

    Recovered recover() {
        starts++;
        runs.values().removeIf(run -> !run.visible);
        return new Recovered(
                starts,
                nextRun,
                nextWorker,
                nextBlock,
                List.copyOf(sites.values()),
                blocks.values().stream().filter(this::matters).toList(),
                List.copyOf(workers.values()),
                runs.values().stream()
                        .filter(run -> !run.state.ended())
                        .map(this::record)
                        .toList());
    }

    Recovered.RunRecord recoverRun(int run) {
        return record(known(runs, run));
    }

    private boolean matters(Recovered.BlockRecord block) {
        return !block.phase().over()
                || workers.values().stream().anyMatch(worker -> worker.place().block() == block.block());
    }

    private Recovered.RunRecord record(ModelRun run) {
        int jobs = run.visibleJobs;
        byte[] ends = new byte[jobs];
        run.ends.forEach((job, end) -> ends[job] = (byte) end.code());
        int[] attempts = new int[jobs];
        int[] failures = new int[jobs];
        int[] deaths = new int[jobs];
        int[] blockEnds = new int[jobs];
        List<Recovered.OpenAttempt> open = new ArrayList<>();
        run.attempts.forEach((job, ofJob) -> {
            attempts[job] = ofJob.lastKey() + 1;
            for (Map.Entry<Integer, ModelAttempt> entry : ofJob.entrySet()) {
                ModelAttempt attempt = entry.getValue();
                if (attempt.end.isEmpty()) {
                    AttemptId id = new AttemptId(run.header.run(), job, entry.getKey());
                    open.add(new Recovered.OpenAttempt(id, attempt.worker, attempt.startedEpochMillis));
                } else if (attempt.generation == run.generation) {
                    AttemptEnd end = AttemptEnd.valueOf(attempt.end);
                    failures[job] += end.spendsRetry() ? 1 : 0;
                    deaths[job] += end == AttemptEnd.WORKER_DIED ? 1 : 0;
                    blockEnds[job] += end == AttemptEnd.BLOCK_ENDED ? 1 : 0;
                }
            }
        });
        return new Recovered.RunRecord(
                graph(run),
                run.state,
                run.generation,
                run.cancelRequest,
                run.force,
                run.abortJob,
                run.abortReturn,
                run.restartRequest,
                run.raised,
                ends,
                attempts,
                failures,
                deaths,
                blockEnds,
                open);
    }

    private RunGraph graph(ModelRun run) {
        RunGraphBuilder builder = new RunGraphBuilder(run.labels, run.maxJobs);
        for (JobSpec job : run.jobs.headMap(run.visibleJobs).values()) {
            Site site = known(sites, job.site()).site();
            Shape shape = Shape.at(
                    site, job.cpus(), job.memoryMiB(), job.diskMiB(), job.walltimeSeconds(), job.concurrencyLimit());
            int[] needs = Stream.concat(
                            job.needs().stream(),
                            run.lateNeeds.getOrDefault(job.job(), Collections.emptySortedSet()).stream())
                    .mapToInt(need -> need)
                    .toArray();
            builder.add(job.traits(), shape, job.label(), job.policy(), job.priority(), needs);
        }
        try {
            return builder.build(run.header.run());
        } catch (CycleException e) {
            throw new IllegalStateException(e);
        }
    }
}
