package interchange.core;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A run that has not ended: the state of its jobs in compact arrays, indexed by job, and its counts. */
final class Run {
    @Durable
    final RunGraph graph;

    @Durable
    RunState state = RunState.RUNNING;

    /** Counts restarts: what earlier generations did no longer counts. */
    @Durable
    int generation;

    /** The request by which it was first cancelled; empty: it was not. */
    @Durable
    String cancelRequest = "";

    /** Cancelled at once: without the final job. */
    @Durable
    boolean force;

    /** The job whose exit code has ended the run; -1: none. */
    @Durable
    int abortJob = NO_ABORT;

    /** What that is to mean: 0 is a success. */
    @Durable
    int abortReturn;

    @Durable
    String restartRequest = "";

    /** Ordinals of {@link JobState}; the ends among them are durable. */
    @Durable
    private final byte[] states;

    /** How many attempts each job has had, which is the number of its next one. */
    @Durable
    final int[] attempts;

    @Durable
    final short[] failures;

    @Durable
    final short[] deaths;

    @Durable
    final short[] blockEnds;

    /** What jobs ask for that ran out of memory, where it is more than at first; MiB. */
    @Durable
    final Map<Integer, Integer> raisedMemoryMiB = new TreeMap<>();

    /** Where such jobs go, beside where the run's jobs were to go at first. */
    @Fleeting
    private final Set<Integer> largerPools = new TreeSet<>();

    /** Jobs whose command has succeeded, and whose workflow is being taken in. */
    @Durable
    final Set<Integer> bringing = new TreeSet<>();

    /** Parents that have not succeeded; of a join: that have not ended. */
    @Fleeting
    final int[] parentsLeft;

    /** Joins one of whose parents was started. */
    @Fleeting
    private final BitSet reached = new BitSet();

    /** By label index and {@link JobState} ordinal. */
    @Fleeting
    final int[][] counts;

    /** Jobs without an end, final ones aside. */
    @Fleeting
    int openJobs;

    @Fleeting
    int openFinals;

    @Fleeting
    int openAttempts;

    /** Jobs below this have been looked at when the run was taken in. */
    @Fleeting
    int seedCursor;

    /** Jobs below this have been deleted, while the run is being cancelled. */
    @Fleeting
    int deleteCursor;

    /** Jobs that failed or were pruned, whose children are still to be pruned. */
    @Fleeting
    final IntStack toPrune = new IntStack();

    /** No-ops whose turn has come. */
    @Fleeting
    final IntStack toPass = new IntStack();

    /** Mean duration of the attempts of a label, milliseconds; 0: none has ended. */
    @Fleeting
    final float[] meanMillis;

    @Fleeting
    final RateMeter rate = new RateMeter();

    static final int NO_ABORT = -1;

    private static final JobState[] STATES = JobState.values();

    Run(RunGraph graph) {
        this.graph = graph;
        int jobs = graph.jobs();
        states = new byte[jobs];
        attempts = new int[jobs];
        failures = new short[jobs];
        deaths = new short[jobs];
        blockEnds = new short[jobs];
        parentsLeft = graph.parentCounts().clone();
        counts = new int[graph.labelTable().size()][STATES.length];
        meanMillis = new float[graph.labelTable().size()];
        openFinals = graph.finals().length;
        openJobs = jobs - openFinals;
        for (int job = 0; job < jobs; job++) {
            counts[graph.labels()[job]][JobState.UNREADY.ordinal()]++;
        }
    }

    /** A run as the journal has it; nothing is in a queue yet. */
    static Run recovered(Recovered.RunRecord record) {
        Run run = new Run(record.graph());
        run.state = record.state();
        run.generation = record.generation();
        run.cancelRequest = record.cancelRequest();
        run.force = record.force();
        run.abortJob = record.abortJob();
        run.abortReturn = record.abortReturn();
        run.restartRequest = record.restartRequest();
        run.raisedMemoryMiB.putAll(record.raisedMemoryMiB());
        for (int job = 0; job < run.jobs(); job++) {
            run.attempts[job] = record.attempts()[job];
            run.failures[job] = saturated(record.failures()[job]);
            run.deaths[job] = saturated(record.deaths()[job]);
            run.blockEnds[job] = saturated(record.blockEnds()[job]);
            run.end(job, JobEnd.of(record.ends()[job]));
        }
        return run;
    }

    /**
     * The same run with more jobs behind those that it had.
     *
     * @param larger its first jobs are this graph's
     */
    Run grown(RunGraph larger) {
        Run run = new Run(larger);
        run.state = state;
        run.generation = generation;
        run.cancelRequest = cancelRequest;
        run.force = force;
        run.abortJob = abortJob;
        run.abortReturn = abortReturn;
        run.restartRequest = restartRequest;
        run.raisedMemoryMiB.putAll(raisedMemoryMiB);
        run.largerPools.addAll(largerPools);
        run.openAttempts = openAttempts;
        run.deleteCursor = deleteCursor;
        System.arraycopy(attempts, 0, run.attempts, 0, jobs());
        System.arraycopy(failures, 0, run.failures, 0, jobs());
        System.arraycopy(deaths, 0, run.deaths, 0, jobs());
        System.arraycopy(blockEnds, 0, run.blockEnds, 0, jobs());
        System.arraycopy(meanMillis, 0, run.meanMillis, 0, meanMillis.length);
        for (int job = 0; job < jobs(); job++) {
            if (isOpen(job)) {
                run.become(job, state(job));
            } else {
                run.end(job, endOf(job));
            }
        }
        run.bringing.addAll(bringing);
        return run;
    }

    /** The next generation of a run that has ended: all that has not succeeded is open again. */
    static Run restarted(Recovered.RunRecord record, String request) {
        Run run = new Run(record.graph());
        run.generation = record.generation() + 1;
        run.restartRequest = request;
        for (int job = 0; job < run.jobs(); job++) {
            run.attempts[job] = record.attempts()[job];
            if (record.ends()[job] == JobEnd.SUCCEEDED.code() && run.graph.outlivesRestart(job)) {
                run.end(job, JobEnd.SUCCEEDED);
            }
        }
        return run;
    }

    private static short saturated(int count) {
        return (short) Math.min(count, Short.MAX_VALUE);
    }

    int id() {
        return graph.run();
    }

    int jobs() {
        return graph.jobs();
    }

    /** Whether it is being ended before its time, by its user or by a job. */
    boolean cancelling() {
        return !cancelRequest.isEmpty() || aborted();
    }

    boolean aborted() {
        return abortJob != NO_ABORT;
    }

    boolean isFinal(int job) {
        return graph.isFinal(job);
    }

    /** A job of it goes there from now on; whether it is the first. */
    boolean comesTo(int pool) {
        return !graph.sites().contains(pool) && largerPools.add(pool);
    }

    /** Where its jobs are to run. */
    Set<Integer> sites() {
        Set<Integer> sites = new TreeSet<>(graph.sites());
        sites.addAll(largerPools);
        return sites;
    }

    /** What a job asks for, with what has been learnt of it. */
    Shape shapeNow(int job) {
        Shape shape = graph.shapeOf(job);
        if (!raisedMemoryMiB.isEmpty()) {
            Integer raised = raisedMemoryMiB.get(job);
            shape = raised == null ? shape : shape.withMemory(raised);
        }
        int label = graph.labels()[job];
        int most = graph.labelLimits()[label];
        if (most > 0) {
            shape = shape.limitedBy(new Shape.LabelLimit(id(), label, most));
        }
        boolean suspect = deaths[job] >= AttemptFlow.DEATHS_BEFORE_ALONE;
        return suspect && !shape.alone() ? shape.byItself() : shape;
    }

    JobState state(int job) {
        return STATES[states[job]];
    }

    byte[] statesCopy() {
        return Arrays.copyOf(states, states.length);
    }

    void become(int job, JobState next) {
        int[] ofLabel = counts[graph.labels()[job]];
        ofLabel[states[job]]--;
        ofLabel[next.ordinal()]++;
        states[job] = (byte) next.ordinal();
    }

    JobEnd endOf(int job) {
        return switch (state(job)) {
            case SUCCEEDED -> JobEnd.SUCCEEDED;
            case FAILED -> JobEnd.FAILED;
            case PRUNED -> JobEnd.PRUNED;
            case DELETED -> JobEnd.DELETED;
            case UNREADY, READY, PENDING, RUNNING -> bringing.contains(job) ? JobEnd.BRINGING : JobEnd.OPEN;
        };
    }

    /** Whether it has not ended. */
    boolean isOpen(int job) {
        return switch (state(job)) {
            case UNREADY, READY, PENDING, RUNNING -> true;
            case SUCCEEDED, FAILED, PRUNED, DELETED -> false;
        };
    }

    /** Gives a job its end, with what follows for its children's counts and for what is to be pruned. */
    void end(int job, JobEnd end) {
        switch (end) {
            case OPEN -> {
                return;
            }
            case BRINGING -> {
                become(job, JobState.RUNNING);
                bringing.add(job);
                return;
            }
            case SUCCEEDED -> {
                become(job, JobState.SUCCEEDED);
                forEachChild(job, child -> parentsLeft[child]--);
            }
            case FAILED -> {
                become(job, JobState.FAILED);
                toPrune.push(job);
            }
            case PRUNED -> {
                become(job, JobState.PRUNED);
                toPrune.push(job);
            }
            case DELETED -> become(job, JobState.DELETED);
        }
        bringing.remove(job);
        tellJoins(job, end);
        if (isFinal(job)) {
            openFinals--;
        } else {
            openJobs--;
        }
    }

    private void tellJoins(int job, JobEnd end) {
        if (!graph.hasJoins()) {
            return;
        }
        forEachChild(job, child -> {
            if (graph.isJoin(child)) {
                parentsLeft[child] -= end == JobEnd.SUCCEEDED ? 0 : 1; // which has counted for every child
                boolean started = end == JobEnd.SUCCEEDED || end == JobEnd.FAILED;
                reached.set(child, started || reached.get(child));
            }
        });
    }

    /** Whether all that a join needs has ended without having been started. */
    boolean passedBy(int join) {
        return !reached.get(join);
    }

    void forEachChild(int job, java.util.function.IntConsumer action) {
        int end = graph.childOffsets()[job + 1];
        for (int at = graph.childOffsets()[job]; at < end; at++) {
            action.accept(graph.children()[at]);
        }
    }

    /** Whether a job may start as far as the graph is concerned. */
    boolean unblocked(int job) {
        return parentsLeft[job] == 0 && (!isFinal(job) || openJobs == 0);
    }

    boolean seeding() {
        return seedCursor < jobs();
    }

    boolean deleting() {
        return cancelling() && deleteCursor < jobs();
    }

    boolean hasMore() {
        return seeding() || deleting() || !toPrune.isEmpty() || !toPass.isEmpty();
    }

    int count(JobState wanted) {
        int count = 0;
        for (int[] ofLabel : counts) {
            count += ofLabel[wanted.ordinal()];
        }
        return count;
    }

    void ended(int job, long durationMillis, long nowMillis) {
        int label = graph.labels()[job];
        float mean = meanMillis[label];
        meanMillis[label] = mean == 0 ? Math.max(durationMillis, 0.1f) : mean + (durationMillis - mean) / 8;
        rate.count(nowMillis);
    }
}
