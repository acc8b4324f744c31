package interchange.worker;

import interchange.worker.files.Courier;
import interchange.worker.process.BootClock;
import interchange.worker.process.ForkLock;
import interchange.worker.process.GuardedChannels;
import interchange.worker.process.GuardedFiles;
import interchange.worker.process.JobCgroups;
import interchange.worker.process.MemoryKills;
import interchange.worker.process.MemorySampler;
import interchange.worker.process.NodeMemory;
import interchange.worker.process.Reaper;
import interchange.worker.process.Spawner;
import interchange.worker.warm.Warm;
import interchange.worker.warm.Workshop;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A worker process. Exits with 0 when it left in order; with anything else its keeper clears up and starts another. */
public final class WorkerMain {
    private static final int EXIT_USAGE = 2;
    private static final int EXIT_BROKEN = 70;
    private static final int INCARNATION_BYTES = 16;
    /** More than the agent allows itself for leaving. */
    private static final long LEAVING_MAX_SECONDS = 25;

    private WorkerMain() {}

    public static void main(String[] arguments) {
        // A dead reaper or loop must not leave a worker behind that looks alive.
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            System.err.println("broken: thread " + thread.getName());
            e.printStackTrace();
            Runtime.getRuntime().halt(EXIT_BROKEN);
        });
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        WorkerArguments parsed;
        try {
            parsed = WorkerArguments.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("interchange worker: " + e.getMessage());
            return EXIT_USAGE;
        }
        return work(parsed);
    }

    private static int work(WorkerArguments arguments) {
        var lock = new ForkLock();
        var channels = new GuardedChannels(SelectorProvider.provider(), lock);
        var inbox = new Inbox();
        Reaper reaper = Reaper.start(lock, inbox::offer);
        MemoryKills kills = MemoryKills.ofThisProcess();
        MemorySampler.start(reaper, NodeMemory.ofThisProcess(), JobCgroups.ofThisProcess(), inbox::offer);
        var dialer = new LinkDialer(arguments.connection(), channels);
        Place place = place(arguments);
        Agent.Identity identity = identity();
        var spawner = new Spawner(lock, reaper);
        var clock = new BootClock();
        Agent agent = new Agent(
                identity,
                place,
                dialer,
                inbox,
                reaper,
                spawner,
                new Warm(
                        spawner,
                        reaper,
                        lock,
                        clock,
                        () -> workshop(place, arguments.connection()),
                        identity.incarnation(),
                        identity.inherited(),
                        place.memoryMiB()),
                new Courier(dialer, new GuardedFiles(lock), place.host(), place.name(), System.getenv()),
                clock,
                kills,
                new SplittableRandom(new SecureRandom().nextLong()));
        var done = new CompletableFuture<Integer>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endInOrder(agent, done), "ending"));
        int exitCode = agent.run();
        done.complete(exitCode);
        return exitCode;
    }

    private static Workshop workshop(Place place, Path connection) throws IOException {
        String temporary = Objects.requireNonNullElse(System.getenv("TMPDIR"), "/tmp");
        // Sockets can't be in every file system that a cluster calls temporary, nor below a long name.
        return Workshop.open(
                List.of(Path.of(temporary), Path.of("/tmp")), place.host(), connection.resolveSibling("warm"));
    }

    /** On TERM the loop goes on until everything is dead and told; then 0, which a JVM ended by a signal would not give. */
    private static void endInOrder(Agent agent, CompletableFuture<Integer> done) {
        if (done.isDone()) {
            return;
        }
        agent.tellToLeave();
        try {
            Runtime.getRuntime().halt(done.get(LEAVING_MAX_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            Runtime.getRuntime().halt(Agent.EXIT_FENCED);
        }
    }

    private static Agent.Identity identity() {
        byte[] random = new byte[INCARNATION_BYTES];
        new SecureRandom().nextBytes(random);
        return new Agent.Identity(
                Objects.requireNonNullElse(WorkerMain.class.getPackage().getImplementationVersion(), "0.1.0"),
                HexFormat.of().formatHex(random),
                inherited());
    }

    /** What keeper and local sites find processes by must also be in our jobs. */
    private static Map<String, String> inherited() {
        var tokens = new HashMap<String, String>();
        for (String name : List.of("INTERCHANGE_WORKER_TOKEN", "INTERCHANGE_BLOCK_TOKEN")) {
            Optional.ofNullable(System.getenv(name)).ifPresent(token -> tokens.put(name, token));
        }
        return tokens;
    }

    private static Place place(WorkerArguments arguments) {
        return new Place(
                arguments.blockToken(),
                arguments.blockRestarts(),
                arguments.rank(),
                arguments.start(),
                arguments.earlierFenced(),
                arguments.host().orElseGet(WorkerMain::hostName),
                arguments.cores(),
                arguments.memoryMiB(),
                arguments.remainingSeconds(),
                // Only a batch system has a name of its own for the node.
                arguments.host().isPresent());
    }

    /** As the kernel has it: asking a name server could take seconds. */
    private static String hostName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
