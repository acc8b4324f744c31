package interchange.daemon;

import interchange.core.Decisions;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Now;
import interchange.core.RunState;
import interchange.core.Scheduler;
import interchange.core.Timing;
import interchange.journal.EnvironmentFiles;
import interchange.journal.Journal;
import interchange.journal.JournalReader;
import interchange.journal.SqliteJournal;
import interchange.proto.control.SubmitRequest;
import interchange.provider.BatchRunner;
import interchange.provider.LocalProvider;
import interchange.site.NodeCapacity;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The daemon as it is, with a journal on disk, but for its sockets and batch systems, which are a {@link MemoryCluster}.
 */
final class BenchDaemon implements AutoCloseable {
    static final int NODES = 20;
    static final int CORES = 50;
    static final int MEMORY_MIB = 200_000;
    static final String SITE = "{\"provider\":\"local\",\"nodesPerBlock\":%d,\"cores\":%d,\"memory\":%d}"
            .formatted(NODES, CORES, MEMORY_MIB);

    private static final int TIMEOUT_MINUTES = 10;
    private static final NodeCapacity CAPACITY = new NodeCapacity(NODES * CORES, NODES * MEMORY_MIB);
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

    private final Inbox inbox = new Inbox();
    private final TurnTimes times = new TurnTimes();
    private final Map<Integer, CompletableFuture<End>> ends = new ConcurrentHashMap<>();
    private final Map<Integer, Begin> begins = new ConcurrentHashMap<>();
    private final MemoryCluster cluster = new MemoryCluster(inbox, CORES, MEMORY_MIB);
    private final Journal journal;
    private final JournalReader dispatching;
    private final JournalReader submitting;
    private final Effects effects;
    private final Submissions submissions;
    private final Thread thread;

    /** @param cpuNanos of the conductor's thread, between the run's first start and its end; so is the time */
    record End(RunState state, long nanos, long cpuNanos) {}

    private record Begin(long nanos, long cpuNanos) {}

    BenchDaemon(Path directory) throws Exception {
        Home home = new Home(directory);
        home.prepare();
        BootClock clock = new BootClock();
        EnvironmentFiles environments = new EnvironmentFiles(home.environments());
        journal = SqliteJournal.open(home.journal(), environments);
        Sites sites = new Sites(_ -> new LocalProvider(directory, directory, Duration.ZERO, Duration.ZERO));
        Journal.Recovery recovery =
                journal.recover((index, _) -> sites.get(index).core());
        Scheduler scheduler =
                new Scheduler(recovery.recovered(), Timing.standard(), Map.of(), new Random(1), clock.get());
        dispatching = journal.reader();
        submitting = journal.reader();
        Sessions sessions = new Sessions(cluster);
        Backlog backlog = new Backlog();
        Dispatcher dispatcher = new Dispatcher(sessions, dispatching, environments, clock, backlog, new Troubles());
        effects = new Effects(sessions, dispatcher, noBlocks(sites), sites, _ -> {}, Timing.standard(), "0.1.0");
        Conductor conductor = new Conductor(
                new Deciding(scheduler), journal, inbox, backlog, this::perform, clock, times, new Troubles());
        submissions = new Submissions(
                submitting,
                sites,
                new Live(scheduler, inbox, clock),
                environments,
                home,
                new Machine.Linux(),
                CAPACITY,
                clock,
                recovery.recovered().nextRun());
        thread = new Thread(() -> turn(conductor), "conductor");
        thread.start();
    }

    private record Deciding(Scheduler scheduler) implements Decider {
        @Override
        public Decisions apply(Event event, Now now) {
            return scheduler.apply(event, now);
        }

        @Override
        public boolean hasMore() {
            return scheduler.hasMore();
        }
    }

    MemoryCluster cluster() {
        return cluster;
    }

    TurnTimes times() {
        return times;
    }

    /** Returns when the run is durable and visible. */
    int submit(Path workflow) throws Exception {
        SubmitRequest request = SubmitRequest.newBuilder()
                .setWorkflow(workflow.toString())
                .putAllEnvironment(ENVIRONMENT)
                .build();
        return submissions.submit(request, new Reply(cluster, 0, "")).getRun();
    }

    End end(int run) throws Exception {
        End end = future(run).get(TIMEOUT_MINUTES, TimeUnit.MINUTES);
        if (end.state() != RunState.SUCCEEDED) {
            throw new IllegalStateException("run " + run + " is " + end.state());
        }
        return end;
    }

    /** The cluster answers for blocks, so nothing is ever asked of these. */
    @SuppressWarnings("NullAway")
    private static Blocks noBlocks(Sites sites) {
        return new Blocks(
                sites,
                null,
                new BatchRunner(1),
                _ -> {
                    throw new IllegalStateException("blocks are the cluster's");
                },
                _ -> {});
    }

    private void perform(List<Effect> decided) {
        List<Effect> others = new ArrayList<>();
        for (Effect effect : decided) {
            switch (effect) {
                case Effect.SubmitBlock e -> cluster.submit(e);
                case Effect.PollBlocks e -> cluster.poll(e);
                case Effect.CancelBlocks _ -> {}
                case Effect.RunEnded e -> ended(e);
                case Effect.Start e -> {
                    begins.computeIfAbsent(
                            e.attempts().getFirst().run(), _ -> new Begin(System.nanoTime(), cpuNanos()));
                    others.add(e);
                }
                default -> others.add(effect);
            }
        }
        effects.perform(others);
    }

    private void ended(Effect.RunEnded e) {
        Begin begin = Objects.requireNonNull(begins.get(e.run()), "a run that ended has begun");
        future(e.run()).complete(new End(e.state(), System.nanoTime() - begin.nanos(), cpuNanos() - begin.cpuNanos()));
    }

    private CompletableFuture<End> future(int run) {
        return ends.computeIfAbsent(run, _ -> new CompletableFuture<>());
    }

    private long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private void turn(Conductor conductor) {
        try {
            conductor.run();
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
        cluster.close();
        dispatching.close();
        submitting.close();
        journal.close();
    }
}
