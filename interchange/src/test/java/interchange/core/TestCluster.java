package interchange.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/** A scheduler with a clock in the test's hands, and what it decided. */
final class TestCluster {
    static final int CORES = 4;
    static final int MEMORY_MIB = 8_192;
    static final int NEVER = -1;

    final List<Effect> effects = new ArrayList<>();
    final List<Change> changes = new ArrayList<>();
    final Scheduler scheduler;
    int mostChangesAtOnce;

    /** What jobs take, as their workers say. */
    long jobMillis = 10;

    /** Whether workers are heard while time passes, and batch systems name what is asked of them. */
    boolean heartbeats;

    private long millis = 1_000_000;
    private long links;

    TestCluster(Site site) {
        this(site, Map.of());
    }

    /** @param limits numbers of concurrency limits, by name */
    TestCluster(Site site, Map<String, Integer> limits) {
        scheduler = new Scheduler(
                Recovered.empty(), Timing.standard(), limits, new SplittableRandom(1), new Now(1_000_000, 1));
        apply(new Event.SiteAdded(site));
    }

    static Site site(int maxBlocks) {
        return new Site(
                1,
                "here",
                "local",
                1,
                CORES,
                MEMORY_MIB,
                0,
                Duration.ZERO,
                0,
                0,
                maxBlocks,
                1.0,
                Duration.ofSeconds(120),
                Duration.ofMinutes(15),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofMinutes(10),
                5,
                Duration.ofSeconds(30),
                0,
                0,
                "");
    }

    static Shape shape(int cpus, int memoryMiB) {
        return new Shape(1, cpus, memoryMiB, 0, false);
    }

    static RetryPolicy retries(int retries, Integer... unlessExit) {
        return new RetryPolicy(retries, Set.of(unlessExit));
    }

    /** Independent jobs of one cpu. */
    static RunGraph independent(int run, int jobs) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        for (int job = 0; job < jobs; job++) {
            builder.add(shape(1, 0), "label", retries(0), 0);
        }
        return graph(builder, run);
    }

    static RunGraph graph(RunGraphBuilder builder, int run) {
        try {
            return builder.build(run);
        } catch (CycleException cycle) {
            throw new AssertionError(cycle);
        }
    }

    /** Applies an event and keeps what followed; what followed this one alone is returned. */
    List<Effect> apply(Event event) {
        Decisions decisions = scheduler.apply(event, now());
        List<Effect> last = new ArrayList<>(decisions.effects());
        changes.addAll(decisions.changes());
        mostChangesAtOnce = Math.max(mostChangesAtOnce, decisions.changes().size());
        while (scheduler.hasMore()) {
            Decisions more = scheduler.apply(new Event.Continue(), now());
            changes.addAll(more.changes());
            mostChangesAtOnce = Math.max(mostChangesAtOnce, more.changes().size());
            last.addAll(more.effects());
        }
        effects.addAll(last);
        scheduler.sanityCheck();
        return last;
    }

    Now now() {
        return new Now(millis, millis);
    }

    List<Effect> after(Duration time) {
        List<Effect> all = new ArrayList<>();
        long end = millis + time.toMillis();
        while (millis < end) {
            millis = Math.min(end, millis + 1_000);
            if (heartbeats) {
                heartbeats();
            }
            List<Effect> now = apply(new Event.Tick());
            all.addAll(now);
            if (heartbeats) {
                all(now, Effect.SubmitBlock.class)
                        .forEach(block ->
                                all.addAll(apply(new Event.BlockSubmitted(block.block(), "b" + block.block()))));
            }
        }
        return all;
    }

    /** Every worker that was welcomed and not forgotten is heard. */
    private void heartbeats() {
        Set<Long> sessions = new LinkedHashSet<>();
        all(effects, Effect.Welcome.class).forEach(welcome -> sessions.add(welcome.session()));
        all(effects, Effect.ForgetSession.class).forEach(forget -> sessions.remove(forget.session()));
        sessions.forEach(session -> scheduler.apply(new Event.HeartbeatHeard(session, millis), now()));
    }

    /** Lets time pass in which everyone goes on as before. */
    void jump(Duration time) {
        millis += time.toMillis();
        apply(new Event.Stalled(time));
    }

    /** Of the attempt that ended last. */
    Outcome lastOutcome() {
        return all(changes, Change.AttemptEnded.class).getLast().outcome();
    }

    List<Effect> submit(RunGraph graph) {
        return apply(new Event.RunSubmitted(graph));
    }

    /** Lets time pass until a block is asked for. */
    Effect.SubmitBlock block() {
        return only(after(Duration.ofSeconds(1)), Effect.SubmitBlock.class);
    }

    /** A worker of a block says Hello for the first time; returns its session. */
    long join(Effect.SubmitBlock block) {
        return join(block, 1, CORES, NEVER);
    }

    long join(Effect.SubmitBlock block, int start, int cores, long remainingSeconds) {
        return session(hello(block, start, "w" + start, 1, cores, remainingSeconds, List.of()));
    }

    List<Effect> hello(
            Effect.SubmitBlock block,
            int start,
            String incarnation,
            long number,
            int cores,
            long remainingSeconds,
            List<Hello.Held> held) {
        return hello(block, start, false, incarnation, number, cores, remainingSeconds, held);
    }

    /** A worker takes the place of another, with what its keeper says of that one's end. */
    List<Effect> helloAfter(Effect.SubmitBlock block, int start, boolean earlierFenced) {
        return hello(block, start, earlierFenced, "w" + start, 1, CORES, NEVER, List.of());
    }

    private List<Effect> hello(
            Effect.SubmitBlock block,
            int start,
            boolean earlierFenced,
            String incarnation,
            long number,
            int cores,
            long remainingSeconds,
            List<Hello.Held> held) {
        return apply(new Event.WorkerHello(
                ++links,
                new Hello(
                        incarnation,
                        number,
                        block.token(),
                        0,
                        0,
                        start,
                        earlierFenced,
                        "host",
                        1,
                        cores,
                        MEMORY_MIB,
                        remainingSeconds,
                        held)));
    }

    /** A first worker of a node says Hello. */
    long joinAt(Effect.SubmitBlock block, String host, int restarts, int rank, int cores, long remainingSeconds) {
        return session(apply(new Event.WorkerHello(
                ++links,
                new Hello(
                        "at" + host + restarts + rank + block.block(),
                        1,
                        block.token(),
                        restarts,
                        rank,
                        1,
                        false,
                        host,
                        1,
                        cores,
                        MEMORY_MIB,
                        remainingSeconds,
                        List.of()))));
    }

    /** The batch system answers its latest look. */
    List<Effect> answer(Map<Integer, BlockReport> reports) {
        Effect.PollBlocks look = all(effects, Effect.PollBlocks.class).getLast();
        return apply(new Event.BlocksPolled(look.batchSystem(), look.look(), reports));
    }

    static long session(List<Effect> effects) {
        return only(effects, Effect.Welcome.class).session();
    }

    List<Effect> start(long session, AttemptId attempt) {
        return apply(new Event.AttemptStarted(session, attempt, millis));
    }

    List<Effect> finish(long session, AttemptId attempt, int exitCode) {
        return apply(new Event.AttemptFinished(session, attempt, outcome(Outcome.Cause.ENDED, exitCode, 0)));
    }

    Outcome outcome(Outcome.Cause cause, int exitCode, int signal) {
        return new Outcome(cause, exitCode, signal, "", millis - jobMillis, millis, 5, 10, false);
    }

    JobState state(int run, int job) {
        return JobState.values()[scheduler.jobStates(run).orElseThrow()[job]];
    }

    /** Attempts that were sent to workers by these effects. */
    static List<AttemptId> started(List<Effect> effects) {
        return all(effects, Effect.Start.class).stream()
                .flatMap(start -> start.attempts().stream())
                .toList();
    }

    Optional<JobEnd> endOf(int run, int job) {
        return changes.stream()
                .filter(Change.JobEnded.class::isInstance)
                .map(Change.JobEnded.class::cast)
                .filter(end -> end.run() == run && end.job() == job)
                .map(Change.JobEnded::end)
                .reduce((first, last) -> last);
    }

    static <T> List<T> all(List<? super T> effects, Class<T> type) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    static <T extends Effect> T only(List<Effect> effects, Class<T> type) {
        List<T> found = all(effects, type);
        if (found.size() != 1) {
            throw new AssertionError("one " + type.getSimpleName() + " wanted among " + effects);
        }
        return found.getFirst();
    }
}
