package interchange.worker.process;

import interchange.wire.UnreachableException;
import interchange.worker.files.Courier;
import interchange.worker.warm.Warm;
import interchange.worker.warm.Workshop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Starts processes, and waits for their ends; the test's end of a spawner and a reaper. */
public final class Bench {
    private static final long PATIENCE_SECONDS = 20;
    // One reaper for all tests of this JVM: it takes every end there is.
    private static final BlockingQueue<Ended> ENDS = new LinkedBlockingQueue<>();
    private static final ForkLock LOCK = new ForkLock();
    private static final Reaper REAPER = Reaper.start(LOCK, Bench::tell);
    private static volatile Consumer<Ended> listener = ENDS::add;
    private static final Environment PLAIN = new Environment(Map.of("PATH", "/usr/bin:/bin", "LANG", "C"));
    private static int tokens;

    private final Path directory;
    private final Spawner spawner = spawner();
    private final Map<JobProcess, Ended> ended = new HashMap<>();

    Bench(Path directory) {
        this.directory = directory;
        listener = ENDS::add;
    }

    private static void tell(Ended end) {
        listener.accept(end);
    }

    /** Ends go there from now on; for a test that brings a loop of its own. */
    public static void endsGoTo(Consumer<Ended> other) {
        listener = other;
    }

    public static Reaper reaper() {
        return REAPER;
    }

    public static boolean nothingRuns() {
        return REAPER.live().isEmpty();
    }

    public static Spawner spawner() {
        return new Spawner(LOCK, REAPER);
    }

    public static ForkLock lock() {
        return LOCK;
    }

    /** @param directory where templates have their files and lists */
    public static Warm warm(Path directory) {
        return new Warm(
                spawner(),
                REAPER,
                LOCK,
                new BootClock(),
                () -> Workshop.open(List.of(directory, Path.of("/tmp")), "node", directory.resolve("lists")),
                "incarnation",
                Map.of(),
                0);
    }

    public static GuardedFiles files() {
        return new GuardedFiles(LOCK);
    }

    /** One that only has a number. */
    public static JobProcess process(int pid) {
        return new JobProcess(pid, "bench/none", System.nanoTime(), 0, false);
    }

    /** For jobs without files: nobody is there to bring them from. */
    public static Courier courier() {
        return new Courier(
                _ -> {
                    throw new UnreachableException("nobody there");
                },
                files(),
                "node",
                "place",
                Map.of());
    }

    /** As if the sampler had seen so much at its last look. */
    public static void seen(JobProcess process, long memoryKiB) {
        process.hasMemory(memoryKiB);
    }

    /** Waits for what will be true soon. */
    public static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE_SECONDS + " s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    Launch shell(String command) {
        return command("/bin/bash", "-c", command);
    }

    Launch command(String... argv) {
        return new Launch(
                List.of(argv),
                PLAIN,
                Map.of(),
                directory.toString(),
                directory.resolve("out").toString(),
                directory.resolve("err").toString(),
                "bench/" + tokens++);
    }

    JobProcess start(Launch launch) throws NotStartedException {
        var over = new HashMap<>(launch.over());
        over.put(Launch.TOKEN, launch.token());
        return spawner.start(new Launch(
                launch.argv(),
                launch.environment(),
                over,
                launch.directory(),
                launch.stdout(),
                launch.stderr(),
                launch.token()));
    }

    Ended run(Launch launch) throws NotStartedException, InterruptedException {
        return end(start(launch));
    }

    Ended end(JobProcess process) throws InterruptedException {
        while (!ended.containsKey(process)) {
            Ended one = ENDS.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (one == null) {
                throw new AssertionError("no end of " + process.pid() + " within " + PATIENCE_SECONDS + " s");
            }
            ended.put(one.process(), one);
        }
        return ended.get(process);
    }

    /** Whether its end has been told, without waiting for it. */
    boolean hasEnded(JobProcess process) {
        for (Ended one = ENDS.poll(); one != null; one = ENDS.poll()) {
            ended.put(one.process(), one);
        }
        return ended.containsKey(process);
    }

    List<Ended> end(List<JobProcess> processes) throws InterruptedException {
        var all = new ArrayList<Ended>();
        for (JobProcess process : processes) {
            all.add(end(process));
        }
        return all;
    }
}
