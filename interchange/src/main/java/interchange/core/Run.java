package interchange.core;

import java.util.Arrays;

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

    /** Parents that have not succeeded. */
    @Fleeting
    final int[] parentsLeft;

    /** By label index and {@link JobState} ordinal. */
    @Fleeting
    final int[][] counts;

    /** Jobs without an end, the final one aside. */
    @Fleeting
    int openJobs;

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

    /** Mean duration of the attempts of a label, milliseconds; 0: none has ended. */
    @Fleeting
    final float[] meanMillis;

    @Fleeting
    final RateMeter rate = new RateMeter();

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
        openJobs = graph.hasFinalJob() ? jobs - 1 : jobs;
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
        run.restartRequest = record.restartRequest();
        for (int job = 0; job < run.jobs(); job++) {
            run.attempts[job] = record.attempts()[job];
            run.failures[job] = saturated(record.failures()[job]);
            run.deaths[job] = saturated(record.deaths()[job]);
            run.blockEnds[job] = saturated(record.blockEnds()[job]);
            run.end(job, JobEnd.of(record.ends()[job]));
        }
        return run;
    }

    /** The next generation of a run that has ended: all that has not succeeded is open again. */
    static Run restarted(Recovered.RunRecord record, String request) {
        Run run = new Run(record.graph());
        run.generation = record.generation() + 1;
        run.restartRequest = request;
        for (int job = 0; job < run.jobs(); job++) {
            run.attempts[job] = record.attempts()[job];
            if (record.ends()[job] == JobEnd.SUCCEEDED.code()
                    && job != record.graph().finalJob()) {
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

    boolean cancelling() {
        return !cancelRequest.isEmpty();
    }

    boolean isFinal(int job) {
        return job == graph.finalJob();
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
            case UNREADY, READY, PENDING, RUNNING -> JobEnd.OPEN;
        };
    }

    boolean isOpen(int job) {
        return endOf(job) == JobEnd.OPEN;
    }

    /** Gives a job its end, with what follows for its children's counts and for what is to be pruned. */
    void end(int job, JobEnd end) {
        switch (end) {
            case OPEN -> {
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
        if (!isFinal(job)) {
            openJobs--;
        }
    }

    void forEachChild(int job, java.util.function.IntConsumer action) {
        int end = graph.childOffsets()[job + 1];
        for (int at = graph.childOffsets()[job]; at < end; at++) {
            action.accept(graph.children()[at]);
        }
    }

    /** Whether a job may start as far as the graph is concerned. */
    boolean unblocked(int job) {
        if (isFinal(job)) {
            return openJobs == 0;
        }
        return parentsLeft[job] == 0;
    }

    boolean seeding() {
        return seedCursor < jobs();
    }

    boolean deleting() {
        return cancelling() && deleteCursor < jobs();
    }

    boolean hasMore() {
        return seeding() || deleting() || !toPrune.isEmpty();
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
