package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.JobTraits;
import interchange.core.Outcome;
import interchange.core.Place;
import interchange.core.RetryPolicy;
import interchange.core.RunState;
import interchange.core.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Small things that tests write. */
final class Samples {
    static final long NOW = 1_700_000_000_000L;
    static final int CORES = 4;
    static final RetryPolicy POLICY = new RetryPolicy(2, Set.of(1, 2), 1.5, 2048, 9, 1);

    private static final List<JobFile> FILES = List.of(
            new JobFile("/runs/1/in it", "in it", JobFile.Kind.INPUT),
            new JobFile("/runs/1/run", "run", JobFile.Kind.EXECUTABLE),
            new JobFile("/runs/1/out", "out", JobFile.Kind.OUTPUT));

    private Samples() {}

    static SqliteJournal open(Path home) throws JournalBlockedException, IOException {
        return SqliteJournal.open(home.resolve("journal.db"), environments(home));
    }

    static SqliteJournal open(Path home, Sharing sharing) throws JournalBlockedException, IOException {
        return SqliteJournal.open(home.resolve("journal.db"), sharing, environments(home), Migrations.own());
    }

    static EnvironmentFiles environments(Path home) throws IOException {
        return new EnvironmentFiles(home.resolve("environments"));
    }

    /** Settings are the memory of a worker, so that they matter. */
    static Site site(int index, String settings) {
        Duration minute = Duration.ofMinutes(1);
        return new Site(
                index,
                "site" + index,
                "local",
                1,
                CORES,
                Integer.parseInt(settings),
                0,
                minute,
                0,
                0,
                1,
                1.0,
                minute,
                minute,
                minute,
                minute,
                minute,
                3,
                minute,
                0,
                0,
                "");
    }

    static Write.SiteStored siteStored(int index) {
        return new Write.SiteStored(index, "site" + index, "4096");
    }

    static RunHeader header(int run, int jobs) {
        return new RunHeader(
                run,
                "submission-" + run,
                "global-" + run,
                "name",
                "/runs/" + run,
                "site1",
                Map.of("operator", "someone", "campaign", "it's"),
                List.of("isr", "calibrate"),
                Map.of("isr", 3),
                List.of("first note", "second note"),
                jobs,
                NOW + run);
    }

    static JobSpec job(int job, String label, Integer... needs) {
        return job(job, label, 1, false, needs);
    }

    static JobSpec job(int job, String label, int cpus, boolean last, Integer... needs) {
        return job(last ? JobTraits.FINAL : JobTraits.NONE, job, label, cpus, needs);
    }

    static JobSpec job(int traits, int job, String label, int cpus, Integer... needs) {
        return new JobSpec(
                job,
                "job-" + job,
                label,
                List.of(needs),
                List.of("/bin/bash", "-c", "echo \"it's\" \\ " + job + "\n\t\u0001 é 🔭"),
                "/runs/1",
                "/runs/1/logs/job-" + job + ".stdout",
                "/runs/1/logs/job-" + job + ".stderr",
                1,
                cpus,
                512,
                100,
                600,
                job % 3,
                POLICY,
                0,
                "limit",
                traits,
                JobTraits.has(traits, JobTraits.BRINGS) ? "/runs/1/brought" : "",
                job % 2 == 0 ? List.of() : FILES);
    }

    /** A run with a chain of jobs and a final one. */
    static List<Write> chain(int run, int jobs) {
        List<JobSpec> specs = new ArrayList<>();
        for (int job = 0; job < jobs - 1; job++) {
            String label = job % 2 == 0 ? "isr" : "calibrate";
            specs.add(job == 0 ? job(job, label) : job(job, label, job - 1));
        }
        specs.add(job(jobs - 1, "finalJob", 1, true));
        return List.of(
                siteStored(1),
                new Write.RunStaged(header(run, jobs)),
                new Write.JobsStaged(run, specs),
                decided(new Change.RunAppeared(run, NOW)));
    }

    static Write decided(Change change) {
        return new Write.Decided(change);
    }

    static Write assigned(int run, int job, int number, int generation, int worker) {
        return decided(new Change.AttemptAssigned(new AttemptId(run, job, number), generation, worker, NOW));
    }

    static Write began(int run, int job, int number) {
        return decided(new Change.AttemptBegan(new AttemptId(run, job, number), NOW + 1));
    }

    static Write ended(int run, int job, int number, AttemptEnd end, int exitCode, int signal) {
        Outcome outcome =
                new Outcome(Outcome.Cause.ENDED, exitCode, signal, end.name(), NOW + 1, NOW + 2, 1_500, 300, false);
        return decided(new Change.AttemptEnded(new AttemptId(run, job, number), end, outcome));
    }

    static Write jobEnded(int run, int job, JobEnd end) {
        return decided(new Change.JobEnded(run, job, end));
    }

    static Write became(int run, RunState state, long epochMillis) {
        return decided(new Change.RunBecame(run, state, epochMillis));
    }

    static Write joined(int worker, int block) {
        return decided(new Change.WorkerJoined(
                worker,
                new Place(block, 0, worker),
                1,
                "incarnation-" + worker,
                "host" + worker,
                4_000_000_000L + worker,
                CORES,
                4096,
                -1,
                NOW));
    }

    static Write intended(int block) {
        return decided(new Change.BlockIntended(block, 1, "token" + block, 2, NOW));
    }
}
