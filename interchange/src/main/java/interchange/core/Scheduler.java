package interchange.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Decides, and only decides: no I/O, no clock, no thread. Owned by the conductor. */
public final class Scheduler {
    private final State state;
    private final Matcher matcher;
    private final JobFlow jobs;
    private final AttemptFlow attempts;
    private final BlockFlow blocks;
    private final Looks looks;
    private final WorkerFlow workers;
    private final Elasticity elasticity;
    private final Stopping stopping;
    private final Explanation explanation;

    /**
     * Starts from what the journal has.
     *
     * @param limits how many jobs of all runs may be at workers at a time, by concurrency limit
     * @param now every lease begins anew here
     * @param random draws the tokens of blocks
     */
    public Scheduler(Recovered recovered, Timing timing, Map<String, Integer> limits, RandomGenerator random, Now now) {
        state = new State(
                timing, new Limits(limits), recovered.starts(), recovered.nextWorker(), recovered.nextBlock());
        state.now = now;
        matcher = new Matcher(state);
        blocks = new BlockFlow(state, random);
        jobs = new JobFlow(state, matcher);
        attempts = new AttemptFlow(state, matcher, blocks, jobs);
        looks = new Looks(state, blocks);
        workers = new WorkerFlow(state, jobs, attempts, matcher, blocks);
        elasticity = new Elasticity(state, blocks);
        stopping = new Stopping(state, blocks);
        explanation = new Explanation(state);
        new Recovery(state, jobs, blocks, workers).take(recovered);
    }

    /** Changes the state and says what follows. The same events in the same order give the same decisions. */
    public Decisions apply(Event event, Now now) {
        state.now = now;
        switch (event) {
            case Event.SiteAdded e -> state.sites.putIfAbsent(e.site().index(), new SiteState(e.site()));
            case Event.RunSubmitted e -> jobs.onSubmitted(e.graph());
            case Event.RunCancelled e -> jobs.onCancelled(e);
            case Event.RunRestarted e -> jobs.onRestarted(e);
            case Event.WorkerHello e -> workers.onHello(e.link(), e.hello());
            case Event.WorkflowBrought e -> jobs.onBrought(e);
            case Event.WorkflowNotBrought e -> jobs.onNotBrought(e);
            case Event.AttemptStarted e -> attempts.onStarted(e.session(), e.attempt(), e.startedEpochMillis());
            case Event.AttemptFinished e -> attempts.onFinished(e.session(), e.attempt(), e.outcome());
            case Event.AttemptRetracted e -> attempts.onRetracted(e.session(), e.attempt());
            case Event.HeartbeatHeard e -> workers.onHeartbeat(e.session(), e.number());
            case Event.WorkerLeaving e -> workers.onLeaving(e.session());
            case Event.WorkerSaidGoodbye e -> workers.onGoodbye(e.session(), e.reason());
            case Event.BlockSubmitted e -> blocks.onSubmitted(e.block(), e.batchId());
            case Event.BlockRefused e -> blocks.onRefused(e);
            case Event.BlocksPolled e -> looks.onPolled(e);
            case Event.PollFailed e -> looks.onFailed(e);
            case Event.SiteResumed e -> blocks.onResumed(e.site());
            case Event.StopRequested e -> stopping.onRequested(e.mode(), e.timeout());
            case Event.Tick e -> onTick();
            case Event.Stalled e -> workers.onStalled(e.time().toMillis());
            case Event.Continue e -> jobs.onContinue();
        }
        matcher.match();
        return state.out.drain();
    }

    private void onTick() {
        workers.onTick();
        for (Block block : new ArrayList<>(state.blocks.values())) {
            if (blocks.fenced(block)) {
                workers.bury(block);
            }
        }
        matcher.onTick();
        matcher.match();
        if (state.stopping.isEmpty()) {
            elasticity.onTick();
        }
        blocks.onTick();
        looks.onTick(state.stopping.filter(mode -> mode == StopMode.NOW).isPresent());
        stopping.onTick();
    }

    /** Whether a {@link Event.Continue} would find something to do at once. */
    public boolean hasMore() {
        return jobs.hasMore();
    }

    // ---- copies for people

    /** Empty when the run is not going on: then all of it is in the journal. */
    public Optional<Snapshots.RunSnapshot> run(int id) {
        return Optional.ofNullable(state.runs.get(id))
                .map(run -> new Snapshots.RunSnapshot(
                        id,
                        run.state,
                        run.cancelling(),
                        run.force,
                        run.graph.labelTable(),
                        copy(run.counts),
                        run.rate.perSecond(state.millis()),
                        run.sites()));
    }

    private static int[][] copy(int[][] counts) {
        int[][] copy = new int[counts.length][];
        for (int i = 0; i < counts.length; i++) {
            copy[i] = counts[i].clone();
        }
        return copy;
    }

    /** Ordinals of {@link JobState} by job; empty when the run is not going on. */
    public Optional<byte[]> jobStates(int run) {
        return Optional.ofNullable(state.runs.get(run)).map(Run::statesCopy);
    }

    /** Of a run that goes on. */
    public Optional<RunGraph> graph(int run) {
        return Optional.ofNullable(state.runs.get(run)).map(going -> going.graph);
    }

    /** Runs that have not ended, by id. */
    public List<Integer> activeRuns() {
        return List.copyOf(state.runs.keySet());
    }

    public Snapshots.ClusterSnapshot cluster(Now now) {
        return ClusterView.of(state, now);
    }

    /** What limits have to do with a run. */
    public Snapshots.LimitsSnapshot limits(int run) {
        return LimitView.of(state, run);
    }

    /** Why a job of a run that goes on is not running, with the numbers compared. */
    public List<String> explain(int run, int job, Now now) {
        return explanation.of(run, job, now);
    }

    /**
     * Counts again what is counted along the way.
     *
     * @throws IllegalStateException naming the first thing that does not agree
     */
    public void sanityCheck() {
        Sanity.check(state);
    }

    /** What is durable of the state; equal to what the journal would give back. */
    public Projection durable() {
        return Projection.of(state);
    }
}
