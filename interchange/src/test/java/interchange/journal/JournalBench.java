package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.RunState;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Measures the journal; run by hand: a directory, a number of jobs. */
public final class JournalBench {
    private static final int STAGE_CHUNK = 5_000;
    private static final int LIFECYCLES_PER_COMMIT = 50;

    private final SqliteJournal journal;
    private final int jobs;
    private final Random random = new Random(1);

    private JournalBench(SqliteJournal journal, int jobs) {
        this.journal = journal;
        this.jobs = jobs;
    }

    /** Arguments: a directory for the journal, and how many jobs. */
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        int jobs = Integer.parseInt(arguments[1]);
        clear(home);
        try (SqliteJournal journal = Samples.open(home)) {
            journal.recover(Samples::site);
            JournalBench bench = new JournalBench(journal, jobs);
            bench.stage(1);
            bench.live(1, 0);
            bench.read(1);
            bench.restart(1);
            bench.stage(2);
        }
        long used = heap();
        Stopwatch start = new Stopwatch();
        try (SqliteJournal journal = Samples.open(home)) {
            Journal.Recovery recovery = journal.recover(Samples::site);
            say("recovery", start, 2L * jobs);
            System.out.printf(
                    Locale.ROOT,
                    "  %d runs, %d MiB of heap kept, file %d MiB%n",
                    recovery.recovered().runs().size(),
                    (heap() - used) >> 20,
                    Files.size(home.resolve("journal.db")) >> 20);
            journal.commit(List.of(Samples.became(1, RunState.FAILED, Samples.NOW)));
            start = new Stopwatch();
            journal.purge(Duration.ZERO, Samples.NOW + 1);
            say("purge", start, 1);
            new JournalBench(journal, jobs).sweep();
        }
        clear(home);
    }

    private void stage(int run) throws JournalBlockedException {
        journal.commit(List.of(Samples.siteStored(1), new Write.RunStaged(Samples.header(run, jobs))));
        long[] turns = new long[(jobs + STAGE_CHUNK - 1) / STAGE_CHUNK];
        Stopwatch start = new Stopwatch();
        for (int turn = 0; turn < turns.length; turn++) {
            List<JobSpec> specs = new ArrayList<>();
            for (int job = turn * STAGE_CHUNK; job < Math.min(jobs, (turn + 1) * STAGE_CHUNK); job++) {
                int level = job / 1_000;
                Integer[] needs = new Integer[level == 0 ? 0 : 3];
                Arrays.setAll(needs, _ -> (level - 1) * 1_000 + random.nextInt(1_000));
                specs.add(Samples.job(job, "label" + level % 12, 1, false, needs));
            }
            long from = System.nanoTime();
            journal.commit(List.of(new Write.JobsStaged(run, specs)));
            turns[turn] = System.nanoTime() - from;
        }
        journal.commit(List.of(Samples.decided(new Change.RunAppeared(run, Samples.NOW))));
        say("staging", start, jobs);
        percentiles(turns);
    }

    private void live(int run, int number) throws JournalBlockedException {
        long[] turns = new long[(jobs + LIFECYCLES_PER_COMMIT - 1) / LIFECYCLES_PER_COMMIT];
        Stopwatch start = new Stopwatch();
        for (int turn = 0; turn < turns.length; turn++) {
            List<Write> writes = new ArrayList<>();
            int from = turn * LIFECYCLES_PER_COMMIT;
            for (int job = from; job < Math.min(jobs, from + LIFECYCLES_PER_COMMIT); job++) {
                // Jobs of a level end in any order.
                int any = job % 10 == 0 ? Math.min(jobs - 1, job + random.nextInt(1_000)) : job;
                writes.add(Samples.assigned(run, any, number, 0, 1));
                writes.add(Samples.began(run, any, number));
                writes.add(Samples.ended(run, any, number, AttemptEnd.SUCCEEDED, 0, 0));
                writes.add(Samples.jobEnded(run, any, any % 2 == 0 ? JobEnd.SUCCEEDED : JobEnd.FAILED));
            }
            long begun = System.nanoTime();
            journal.commit(writes);
            turns[turn] = System.nanoTime() - begun;
        }
        say("changes", start, 4L * jobs);
        percentiles(turns);
    }

    private void read(int run) {
        try (JournalReader reader = journal.reader()) {
            for (int again = 0; again < 2; again++) {
                timed("endCounts", () -> reader.endCounts(run));
                timed("ends", () -> reader.ends(run));
                timed("failedJobs", () -> reader.failedJobs(run));
                timed("findJob", () -> reader.findJob(run, "job-" + (jobs - 1)));
                timed("jobs, 1000 of them", () -> reader.jobs(run, jobs / 2, 1_000));
                timed("job", () -> reader.job(run, jobs / 2));
            }
        }
    }

    private void restart(int run) throws JournalBlockedException {
        Stopwatch start = new Stopwatch();
        journal.commit(List.of(Samples.decided(new Change.RunRestarted(run, "again", 1))));
        say("restart", start, 1);
        live(run, 1);
    }

    private void sweep() throws JournalBlockedException {
        List<Long> turns = new ArrayList<>();
        Stopwatch start = new Stopwatch();
        boolean more = true;
        while (more) {
            long from = System.nanoTime();
            more = journal.sweep();
            turns.add(System.nanoTime() - from);
        }
        say("sweep", start, jobs);
        percentiles(turns.stream().mapToLong(turn -> turn).toArray());
    }

    private static void timed(String what, Runnable work) {
        Stopwatch start = new Stopwatch();
        work.run();
        say(what, start, 1);
    }

    /** Of the machine, which others may use too, and of this thread. */
    private static final class Stopwatch {
        private final long startNanos = System.nanoTime();
        private final long startCpuNanos = cpuNanos();

        double millis() {
            return (System.nanoTime() - startNanos) / 1e6;
        }

        double cpuMillis() {
            return (cpuNanos() - startCpuNanos) / 1e6;
        }

        private static long cpuNanos() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
    }

    private static void say(String what, Stopwatch watch, long count) {
        double millis = watch.millis();
        double cpuMillis = watch.cpuMillis();
        System.out.printf(
                Locale.ROOT,
                "%-20s %9.1f ms (%.1f of processor) %8.2f µs each (%.2f)%n",
                what,
                millis,
                cpuMillis,
                1e3 * millis / count,
                1e3 * cpuMillis / count);
    }

    private static void percentiles(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "  a turn: median %.1f ms, 99%% %.1f ms, longest %.1f ms%n",
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void clear(Path home) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home, "journal.db*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }
}
