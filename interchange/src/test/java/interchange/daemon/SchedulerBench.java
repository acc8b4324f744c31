package interchange.daemon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures the scheduler with its journal, on workers in memory; see docs/benchmarks.md. Prints lines of a name and a
 * value. Run by scripts/bench, not by the tests: {@code SchedulerBench DIRECTORY [costs] [bytes] [turns]}.
 */
public final class SchedulerBench {
    private static final int SMALL = 30_000;
    private static final int MIDDLE = 100_000;
    private static final int LARGE = 300_000;
    private static final int ROUNDS = 3;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MICRO = 1e3;

    private final Path directory;
    private int homes;
    private int files;

    private SchedulerBench(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]).toAbsolutePath();
        SchedulerBench bench = new SchedulerBench(directory);
        // A daemon that has worked for some minutes is compiled.
        bench.run(MIDDLE);
        for (String part : Arrays.asList(arguments).subList(1, arguments.length)) {
            switch (part) {
                case "costs" -> bench.costs();
                case "bytes" -> bench.bytes();
                case "turns" -> bench.turns();
                default -> throw new IllegalArgumentException(part);
            }
        }
    }

    // ---- jobs a second, and their cost

    private void costs() throws Exception {
        double[][] wall = new double[ROUNDS][];
        double[][] cpu = new double[ROUNDS][];
        int[] sizes = {SMALL, MIDDLE, LARGE};
        for (int round = 0; round < ROUNDS; round++) {
            BenchDaemon.End[] ends = new BenchDaemon.End[sizes.length];
            for (int i = 0; i < sizes.length; i++) {
                ends[i] = run(sizes[i]);
            }
            wall[round] = IntStream.range(0, sizes.length)
                    .mapToDouble(i -> ends[i].nanos() / (double) sizes[i])
                    .toArray();
            cpu[round] = IntStream.range(0, sizes.length)
                    .mapToDouble(i -> ends[i].cpuNanos() / (double) sizes[i])
                    .toArray();
        }
        print("scheduler_jobs_per_s", Arrays.stream(wall).mapToDouble(of -> NANOS_PER_SECOND / of[1]));
        print("scheduler_cost_growth", Arrays.stream(cpu).mapToDouble(of -> of[2] / of[0]));
        print("scheduler_wall_growth", Arrays.stream(wall).mapToDouble(of -> of[2] / of[0]));
        for (int i = 0; i < sizes.length; i++) {
            int size = i;
            print(
                    "scheduler_cpu_micros_of_" + sizes[i],
                    Arrays.stream(cpu).mapToDouble(of -> of[size] / NANOS_PER_MICRO));
        }
    }

    private BenchDaemon.End run(int jobs) throws Exception {
        Path home = newHome();
        Path workflow = workflow(jobs);
        try (BenchDaemon daemon = new BenchDaemon(home)) {
            BenchDaemon.End end = daemon.end(daemon.submit(workflow));
            System.err.printf(
                    "  %,d jobs: %,.0f a second, conductor %.1f us a job%n",
                    jobs, jobs * NANOS_PER_SECOND / end.nanos(), end.cpuNanos() / NANOS_PER_MICRO / jobs);
            return end;
        } finally {
            delete(home);
        }
    }

    // ---- heap

    private void bytes() throws Exception {
        double[] bytes = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            Path home = newHome();
            Path workflow = workflow(LARGE);
            try (BenchDaemon daemon = new BenchDaemon(home)) {
                daemon.cluster().hold();
                // Everything that is there once, such as caches of the loader.
                daemon.submit(workflow(LayeredGraph.LAYER_JOBS));
                long before = usedHeap();
                daemon.submit(workflow);
                bytes[round] = (usedHeap() - before) / (double) LARGE;
            } finally {
                delete(home);
            }
        }
        print("scheduler_bytes_per_job", Arrays.stream(bytes));
    }

    private static long usedHeap() {
        long used = Long.MAX_VALUE;
        // References that a collection clears may be followed by more.
        for (int i = 0; i < 3; i++) {
            System.gc();
            used = Math.min(
                    used,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return used;
    }

    // ---- turns

    /** While one run is submitted, another is at work. */
    private void turns() throws Exception {
        double[] p99 = new double[ROUNDS];
        double[] longest = new double[ROUNDS];
        double[] seconds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            Path home = newHome();
            Path submitted = workflow(LARGE);
            try (BenchDaemon daemon = new BenchDaemon(home)) {
                int other = daemon.submit(workflow(LARGE));
                daemon.times().reset();
                long begin = System.nanoTime();
                if (daemon.submit(submitted) == other) {
                    throw new IllegalStateException("nothing was submitted");
                }
                seconds[round] = (System.nanoTime() - begin) / NANOS_PER_SECOND;
                p99[round] = daemon.times().millisAtPercentile(99);
                longest[round] = daemon.times().maxMillis();
                System.err.printf(
                        "  %d turns in %.1f s, 99 %% within %.1f ms, longest %.1f ms%n",
                        daemon.times().turns(), seconds[round], p99[round], longest[round]);
                daemon.end(other);
            } finally {
                delete(home);
            }
        }
        print("turn_p99_ms", Arrays.stream(p99));
        print("turn_longest_ms", Arrays.stream(longest));
        print("scheduler_submit_s", Arrays.stream(seconds));
    }

    // ---- files

    /** Each is a submission of its own: one that comes twice is not done twice. */
    private Path workflow(int jobs) throws IOException {
        files++;
        Path file = directory.resolve("workflow-" + files + ".jsonl");
        new LayeredGraph(jobs, 1).write(file, UUID.randomUUID().toString(), BenchDaemon.SITE);
        return file;
    }

    private Path newHome() {
        homes++;
        return directory.resolve("home-" + homes);
    }

    private static void delete(Path home) throws IOException {
        try (Stream<Path> paths = Files.walk(home)) {
            paths.sorted(Comparator.reverseOrder()).forEach(SchedulerBench::deleteOne);
        }
    }

    private static void deleteOne(Path path) {
        try {
            Files.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void print(String name, java.util.stream.DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        System.out.printf("%s %.6g%n", name, sorted[sorted.length / 2]);
        System.out.printf("%s_min %.6g%n", name, sorted[0]);
        System.out.printf("%s_max %.6g%n", name, sorted[sorted.length - 1]);
    }
}
