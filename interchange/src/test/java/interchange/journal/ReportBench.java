package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.Outcome;
import interchange.core.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Measures what a report reads of a large run that has ended; run by hand: a directory, a number of jobs, and how many of
 * a hundred fail. The journal stays there, and is used again by the next call.
 */
public final class ReportBench {
    private static final int RUN = 1;
    private static final int CHUNK = 5_000;
    private static final int LABELS = 12;

    private ReportBench() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Files.createDirectories(Path.of(arguments[0]));
        int jobs = Integer.parseInt(arguments[1]);
        int failing = Integer.parseInt(arguments[2]);
        boolean made = Files.exists(home.resolve("journal.db"));
        try (SqliteJournal journal = Samples.open(home)) {
            journal.recover(Samples::site);
            if (!made) {
                make(journal, jobs, failing);
            }
            try (JournalReader reader = journal.reader()) {
                for (int again = 0; again < 3; again++) {
                    timed("run", () -> reader.run(RUN));
                    timed("endCounts", () -> reader.endCounts(RUN));
                    timed("failedJobs", () -> reader.failedJobs(RUN));
                    timed("outOfMemory", () -> reader.outOfMemory(RUN));
                    timed("usage", () -> reader.usage(RUN));
                    timed("finalJobs", () -> reader.finalJobs(RUN));
                }
            }
        }
    }

    /** A run that has ended: every job with an attempt, those that fail with two. */
    static void make(SqliteJournal journal, int jobs, int failing) throws JournalBlockedException {
        journal.commit(List.of(Samples.siteStored(1), new Write.RunStaged(Samples.header(RUN, jobs))));
        for (int from = 0; from < jobs; from += CHUNK) {
            List<JobSpec> specs = new ArrayList<>();
            for (int job = from; job < Math.min(jobs, from + CHUNK); job++) {
                Integer[] needs = job < 1_000 ? new Integer[0] : new Integer[] {job - 1_000};
                specs.add(Samples.job(job, "label" + job / 1_000 % LABELS, 1, false, needs));
            }
            journal.commit(List.of(new Write.JobsStaged(RUN, specs)));
        }
        journal.commit(List.of(Samples.decided(new Change.RunAppeared(RUN, Samples.NOW))));
        Random random = new Random(1);
        for (int from = 0; from < jobs; from += CHUNK) {
            List<Write> writes = new ArrayList<>();
            for (int job = from; job < Math.min(jobs, from + CHUNK); job++) {
                boolean fails = random.nextInt(100) < failing;
                int last = fails ? 1 : 0;
                for (int number = 0; number <= last; number++) {
                    writes.add(Samples.assigned(RUN, job, number, 0, 1));
                    writes.add(ended(job, number, fails, random));
                }
                writes.add(Samples.jobEnded(RUN, job, fails ? JobEnd.FAILED : JobEnd.SUCCEEDED));
            }
            journal.commit(writes);
        }
        for (int label = 0; label < LABELS; label++) {
            for (JobEnd end : List.of(JobEnd.SUCCEEDED, JobEnd.FAILED)) {
                journal.commit(
                        List.of(Samples.decided(new Change.JobsCounted(RUN, "label" + label, end, jobs / LABELS / 2))));
            }
        }
        journal.commit(List.of(Samples.became(RUN, failing > 0 ? RunState.FAILED : RunState.SUCCEEDED, Samples.NOW)));
    }

    private static Write ended(int job, int number, boolean fails, Random random) {
        long took = 1_000 + random.nextInt(600_000);
        Outcome outcome = new Outcome(
                Outcome.Cause.ENDED,
                fails ? 1 + random.nextInt(2) : 0,
                0,
                "",
                Samples.NOW,
                Samples.NOW + took,
                took * 9 / 10,
                200 + random.nextInt(3_000),
                false);
        AttemptEnd end = fails ? AttemptEnd.FAILED : AttemptEnd.SUCCEEDED;
        return Samples.decided(new Change.AttemptEnded(new interchange.core.AttemptId(RUN, job, number), end, outcome));
    }

    private static void timed(String what, Runnable work) {
        long start = System.nanoTime();
        work.run();
        System.out.printf(Locale.ROOT, "%-20s %9.1f ms%n", what, (System.nanoTime() - start) / 1e6);
    }
}
