package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.Outcome;
import interchange.core.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteReaderTest {
    private static final int RUN = 1;

    @TempDir
    Path home;

    private SqliteJournal journal;
    private JournalReader reader;

    @BeforeEach
    void open() throws Exception {
        journal = Samples.open(home);
        reader = journal.reader();
        journal.recover(Samples::site);
    }

    @AfterEach
    void close() {
        reader.close();
        journal.close();
    }

    @Test
    void aRunIsFoundByIdDirectoryGlobalIdAndSubmission() throws Exception {
        journal.commit(Samples.chain(RUN, 3));

        assertThat(reader.findRun("1")).contains(RUN);
        assertThat(reader.findRun("/runs/1")).contains(RUN);
        assertThat(reader.findRun("/runs/x/../1/")).contains(RUN);
        assertThat(reader.findRun("global-1")).contains(RUN);
        assertThat(reader.findSubmission("submission-1")).contains(RUN);
        assertThat(reader.findRun("2")).isEmpty();
        assertThat(reader.findRun("/runs")).isEmpty();
        assertThat(reader.findSubmission("1")).isEmpty();
    }

    @Test
    void aRunIsFoundByEveryWayToItsDirectory() throws Exception {
        Path real = Files.createDirectories(home.resolve("disk3/ann/submit/1"));
        Path other = Files.createDirectories(home.resolve("disk3/ann/submit/2"));
        Path link = Files.createSymbolicLink(home.resolve("ann"), home.resolve("disk3/ann"));
        journal.commit(stagedIn(1, link.resolve("submit/1")));
        journal.commit(stagedIn(2, other));

        assertThat(reader.findRun(real.toString())).contains(1);
        assertThat(reader.findRun(link.resolve("submit/2").toString())).contains(2);
        Path shortcut = Files.createSymbolicLink(home.resolve("bps_links"), real);
        assertThat(reader.findRun(shortcut.toString())).contains(1);
        assertThat(reader.findRun(home.resolve("disk3").toString())).isEmpty();
        assertThat(reader.findRun("disk3/ann/submit/1")).isEmpty();
    }

    private static List<Write> stagedIn(int run, Path directory) {
        RunHeader header = new RunHeader(
                run,
                "submission" + run,
                "global" + run,
                "name",
                directory.toString(),
                "site1",
                Map.of(),
                List.of(),
                Map.of(),
                List.of(),
                0,
                Samples.NOW);
        return List.of(new Write.RunStaged(header), Samples.decided(new Change.RunAppeared(run, Samples.NOW)));
    }

    @Test
    void ofTwoRunsInOneDirectoryTheNewerIsFound() throws Exception {
        journal.commit(Samples.chain(RUN, 1));
        RunHeader first = Samples.header(RUN, 1);
        RunHeader second = new RunHeader(
                2,
                "other",
                "other",
                "name",
                first.submitDirectory(),
                "site1",
                Map.of(),
                List.of(),
                Map.of(),
                List.of(),
                0,
                Samples.NOW);
        journal.commit(List.of(new Write.RunStaged(second), Samples.decided(new Change.RunAppeared(2, Samples.NOW))));

        assertThat(reader.findRun("/runs/1")).contains(2);
    }

    @Test
    void aStagedRunIsNotVisible() throws Exception {
        List<Write> chain = Samples.chain(RUN, 3);
        journal.commit(chain.subList(0, 3));

        assertThat(reader.findRun("1")).isEmpty();
        assertThat(reader.findSubmission("submission-1")).isEmpty();
        assertThat(reader.run(RUN)).isEmpty();
        assertThat(reader.runs(0)).isEmpty();

        journal.commit(chain.subList(3, 4));
        assertThat(reader.findRun("1")).contains(RUN);
    }

    @Test
    void headerAndJobsAreReadAsTheyWereStaged() throws Exception {
        List<Write> chain = Samples.chain(RUN, 4);
        journal.commit(chain);

        RunHeader staged = Samples.header(RUN, 4);
        RunHeader header = reader.header(RUN);
        assertThat(header.labels()).containsExactly("isr", "calibrate", "finalJob");
        assertThat(header).usingRecursiveComparison().ignoringFields("labels").isEqualTo(staged);
        for (JobSpec spec : ((Write.JobsStaged) chain.get(2)).jobs()) {
            assertThat(reader.job(RUN, spec.job())).isEqualTo(spec);
            assertThat(reader.findJob(RUN, spec.name())).contains(spec.job());
        }
        assertThat(reader.findJob(RUN, "nobody")).isEmpty();
        assertThatThrownBy(() -> reader.job(RUN, 4)).hasMessageContaining("run 1 has no job 4");
    }

    @Test
    void commandsComeInTheOrderInWhichTheyAreAskedForAndAreThoseOfTheirJobs() throws Exception {
        journal.commit(Samples.chain(RUN, 4));
        List<JobCommand> commands = reader.commands(RUN, List.of(2, 0, 3));
        assertThat(commands).extracting(JobCommand::job).containsExactly(2, 0, 3);
        for (JobCommand command : commands) {
            JobSpec spec = reader.job(RUN, command.job());
            assertThat(command)
                    .isEqualTo(new JobCommand(
                            spec.job(),
                            spec.name(),
                            spec.argv(),
                            spec.directory(),
                            spec.stdout(),
                            spec.stderr(),
                            spec.cpus(),
                            spec.memoryMiB(),
                            spec.walltimeSeconds(),
                            spec.environment(),
                            spec.files()));
        }
        assertThatThrownBy(() -> reader.commands(RUN, List.of(1, 4))).hasMessageContaining("run 1 has not all");
    }

    @Test
    void jobsComeWithTheLastAttemptThatEnded() throws Exception {
        journal.commit(Samples.chain(RUN, 4));
        journal.commit(List.of(
                Samples.intended(1),
                Samples.joined(7, 1),
                Samples.assigned(RUN, 0, 0, 0, 7),
                Samples.began(RUN, 0, 0),
                Samples.ended(RUN, 0, 0, AttemptEnd.FAILED, 9, 0),
                Samples.assigned(RUN, 0, 1, 0, 7),
                Samples.ended(RUN, 0, 1, AttemptEnd.RETRACTED, 0, 0),
                Samples.assigned(RUN, 0, 2, 0, 7),
                Samples.assigned(RUN, 1, 0, 0, 7)));

        List<JournalReader.JobRow> jobs = reader.jobs(RUN, -1, 3);

        assertThat(jobs).extracting(JournalReader.JobRow::job).containsExactly(0, 1, 2);
        assertThat(jobs).extracting(JournalReader.JobRow::attempts).containsExactly(2, 1, 0);
        assertThat(jobs.get(0).last())
                .contains(new JournalReader.AttemptRow(
                        0,
                        0,
                        java.util.Optional.of(AttemptEnd.FAILED),
                        9,
                        0,
                        "FAILED",
                        "host7",
                        Samples.NOW,
                        Samples.NOW + 1,
                        Samples.NOW + 2,
                        1_500,
                        300,
                        false));
        assertThat(jobs.get(1).last()).isEmpty();
        assertThat(reader.jobs(RUN, 2, 10))
                .extracting(JournalReader.JobRow::label)
                .containsExactly("finalJob");
        assertThat(reader.attempts(RUN, 0))
                .extracting(row -> row.end().map(AttemptEnd::name).orElse("open"))
                .containsExactly("FAILED", "RETRACTED", "open");
    }

    @Test
    void endsAreCountedByLabelAndFailuresSayTheirCodes() throws Exception {
        journal.commit(Samples.chain(RUN, 6));
        journal.commit(List.of(
                Samples.assigned(RUN, 0, 0, 0, 1),
                Samples.ended(RUN, 0, 0, AttemptEnd.SUCCEEDED, 0, 0),
                Samples.jobEnded(RUN, 0, JobEnd.SUCCEEDED),
                Samples.assigned(RUN, 1, 0, 0, 1),
                Samples.ended(RUN, 1, 0, AttemptEnd.FAILED, 3, 0),
                Samples.assigned(RUN, 1, 1, 0, 1),
                Samples.ended(RUN, 1, 1, AttemptEnd.FAILED, 0, 9),
                Samples.jobEnded(RUN, 1, JobEnd.FAILED),
                Samples.jobEnded(RUN, 2, JobEnd.PRUNED),
                Samples.jobEnded(RUN, 3, JobEnd.PRUNED),
                Samples.jobEnded(RUN, 4, JobEnd.DELETED)));

        assertThat(reader.ends(RUN)).containsExactly(1, 2, 3, 3, 4, 0);
        assertThat(reader.endCounts(RUN)).isDeepEqualTo(new int[][] {
            {0, 1, 0, 1, 1, 0}, {0, 0, 1, 1, 0, 0}, {1, 0, 0, 0, 0, 0},
        });
        assertThat(reader.failedJobs(RUN))
                .isEqualTo(Map.of(
                        "calibrate",
                        new JournalReader.FailedJobs(
                                List.of(9),
                                List.of(new JournalReader.Reason(AttemptEnd.FAILED, "FAILED", "job-1", 1)))));
        assertThat(reader.finalJobs(RUN)).isEqualTo(Map.of("finalJob", 1));
    }

    @Test
    void aRestartOpensWhatHasNotSucceededAndTheFinalJob() throws Exception {
        journal.commit(Samples.chain(RUN, 4));
        journal.commit(List.of(
                Samples.jobEnded(RUN, 0, JobEnd.SUCCEEDED),
                Samples.jobEnded(RUN, 1, JobEnd.FAILED),
                Samples.jobEnded(RUN, 2, JobEnd.PRUNED),
                Samples.jobEnded(RUN, 3, JobEnd.SUCCEEDED),
                Samples.decided(new Change.RunCancelling(RUN, "request", true)),
                Samples.became(RUN, RunState.FAILED, Samples.NOW + 9)));
        assertThat(reader.run(RUN).orElseThrow().cancelling()).isTrue();

        journal.commit(List.of(Samples.decided(new Change.RunRestarted(RUN, "again", 1))));

        assertThat(reader.ends(RUN)).containsExactly(1, 0, 0, 0);
        assertThat(reader.endCounts(RUN)[0]).containsExactly(1, 1, 0, 0, 0, 0);
        journal.commit(List.of(Samples.jobEnded(RUN, 1, JobEnd.FAILED)));
        assertThat(reader.endCounts(RUN)[1]).as("failed once more").containsExactly(0, 0, 1, 0, 0, 0);
        journal.commit(List.of(Samples.jobEnded(RUN, 1, JobEnd.OPEN)));
        assertThat(reader.failedJobs(RUN)).isEmpty();
        JournalReader.RunRow row = reader.run(RUN).orElseThrow();
        assertThat(row.state()).isEqualTo(RunState.RUNNING);
        assertThat(row.endedEpochMillis()).isZero();
        assertThat(row.cancelling()).isFalse();

        journal.commit(List.of(Samples.jobEnded(RUN, 1, JobEnd.FAILED)));
        assertThat(reader.ends(RUN)).containsExactly(1, 2, 0, 0);
    }

    @Test
    void aRunThatHasEndedKeepsItsCountsUntilItIsRestarted() throws Exception {
        journal.commit(Samples.chain(RUN, 3));
        List<Write> end = List.of(
                Samples.jobEnded(RUN, 0, JobEnd.FAILED),
                Samples.decided(new Change.JobsCounted(RUN, "isr", JobEnd.FAILED, 7)),
                Samples.decided(new Change.JobsCounted(RUN, "calibrate", JobEnd.PRUNED, 8)),
                Samples.became(RUN, RunState.FAILED, Samples.NOW));
        journal.commit(end);
        journal.commit(end);
        assertThat(reader.endCounts(RUN)).isDeepEqualTo(new int[][] {
            {0, 0, 7, 0, 0, 0}, {0, 0, 0, 8, 0, 0}, {0, 0, 0, 0, 0, 0},
        });

        journal.commit(List.of(Samples.decided(new Change.RunRestarted(RUN, "again", 1))));
        assertThat(reader.endCounts(RUN)).isDeepEqualTo(new int[][] {
            {1, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0}, {1, 0, 0, 0, 0, 0},
        });
    }

    @Test
    void everyFailedJobHasACodeAndTheReasonsThatOnlyWeKnowAreCounted() throws Exception {
        journal.commit(Samples.chain(RUN, 7));
        journal.commit(List.of(
                Samples.assigned(RUN, 0, 0, 0, 1),
                Samples.ended(RUN, 0, 0, AttemptEnd.WALLTIME, 0, 15),
                Samples.jobEnded(RUN, 0, JobEnd.FAILED),
                Samples.assigned(RUN, 2, 0, 0, 1),
                Samples.ended(RUN, 2, 0, AttemptEnd.WALLTIME, 0, 9),
                Samples.jobEnded(RUN, 2, JobEnd.FAILED),
                // Its workflow could not be taken in.
                Samples.assigned(RUN, 4, 0, 0, 1),
                Samples.ended(RUN, 4, 0, AttemptEnd.SUCCEEDED, 0, 0),
                Samples.assigned(RUN, 4, 1, 0, 1),
                Samples.ended(RUN, 4, 1, AttemptEnd.RETRACTED, 0, 0),
                Samples.jobEnded(RUN, 4, JobEnd.FAILED)));

        JournalReader.FailedJobs failed =
                Objects.requireNonNull(reader.failedJobs(RUN).get("isr"));
        assertThat(failed.exitCodes()).containsExactly(15, 9, 0);
        assertThat(failed.reasons()).contains(new JournalReader.Reason(AttemptEnd.WALLTIME, "WALLTIME", "job-0", 2));
    }

    @Test
    void jobsThatRanOutOfMemoryAreCountedByLabel() throws Exception {
        journal.commit(Samples.chain(RUN, 6));
        journal.commit(List.of(
                Samples.assigned(RUN, 0, 0, 0, 1),
                Samples.ended(RUN, 0, 0, AttemptEnd.OUT_OF_MEMORY, 0, 9),
                Samples.decided(new Change.MemoryRaised(RUN, 0, 768)),
                Samples.assigned(RUN, 0, 1, 0, 1),
                Samples.ended(RUN, 0, 1, AttemptEnd.OUT_OF_MEMORY, 0, 9),
                Samples.decided(new Change.MemoryRaised(RUN, 0, 1152)),
                Samples.assigned(RUN, 2, 0, 0, 1),
                Samples.ended(RUN, 2, 0, AttemptEnd.OUT_OF_MEMORY, 137, 0),
                Samples.jobEnded(RUN, 2, JobEnd.FAILED),
                Samples.assigned(RUN, 1, 0, 0, 1),
                Samples.ended(RUN, 1, 0, AttemptEnd.WORKER_DIED, 0, 0)));

        assertThat(reader.outOfMemory(RUN))
                .containsExactly(new JournalReader.OutOfMemory("isr", 2, 3, 1, 512, 1152, true));
        journal.commit(List.of(Samples.decided(new Change.RunRestarted(RUN, "again", 1))));
        assertThat(reader.outOfMemory(RUN)).isEmpty();
    }

    @Test
    void whatJobsTookIsAddedUpByLabel() throws Exception {
        journal.commit(Samples.chain(RUN, 6));
        journal.commit(List.of(
                Samples.assigned(RUN, 0, 0, 0, 1),
                Samples.ended(RUN, 0, 0, AttemptEnd.RETRACTED, 0, 0),
                Samples.assigned(RUN, 0, 1, 0, 1),
                Samples.ended(RUN, 0, 1, AttemptEnd.OUT_OF_MEMORY, 0, 9),
                Samples.assigned(RUN, 0, 2, 0, 1),
                Samples.ended(RUN, 0, 2, AttemptEnd.SUCCEEDED, 0, 0),
                Samples.assigned(RUN, 2, 0, 0, 1),
                Samples.ended(RUN, 2, 0, AttemptEnd.SUCCEEDED, 0, 0),
                Samples.assigned(RUN, 4, 0, 0, 1)));
        assertThat(reader.usage(RUN).getFirst().overMemory()).isZero();
        AttemptId large = new AttemptId(RUN, 4, 0);
        Outcome took = new Outcome(Outcome.Cause.ENDED, 0, 0, "", Samples.NOW, Samples.NOW, 1_500, 513, false);
        journal.commit(List.of(Samples.decided(new Change.AttemptEnded(large, AttemptEnd.SUCCEEDED, took))));
        assertThat(reader.usage(RUN).getFirst().overMemory()).isEqualTo(1);
        assertThat(reader.jobs(RUN, 3, 1).getFirst().memoryMiB()).isEqualTo(512);

        LabelUsage usage = reader.usage(RUN).getFirst();
        assertThat(reader.usage(RUN)).hasSize(1);
        assertThat(usage.label()).isEqualTo("isr");
        assertThat(List.of(usage.jobs(), usage.attempts(), usage.lostMillis(), usage.outOfMemory()))
                .containsExactly(3L, 4L, 1L, 1L);
        assertThat(usage.wallMillis().count()).isEqualTo(3);
        assertThat(usage.cpuMillis().percentile(50)).isBetween(1_500L, 1_515L);
        assertThat(usage.peakMemoryMiB().maximum()).isEqualTo(513);
        assertThat(List.of(usage.cpus(), usage.memoryMiB(), usage.leastMemoryMiB(), usage.walltimeSeconds()))
                .containsExactly(1, 512, 512, 600);
    }

    @Test
    void whatEndedARunBeforeItsTimeIsNamed() throws Exception {
        journal.commit(Samples.chain(RUN, 3));
        assertThat(reader.run(RUN).orElseThrow().abort()).isEmpty();
        journal.commit(List.of(Samples.decided(new Change.RunAborting(RUN, 1, 0))));
        assertThat(reader.run(RUN).orElseThrow().abort())
                .contains(new JournalReader.Abort("job-1", Samples.POLICY.abortOnExit(), 0));
    }

    @Test
    void runsAreThoseThatGoOnAndThoseThatEndedLately() throws Exception {
        journal.commit(Samples.chain(1, 1));
        journal.commit(Samples.chain(2, 1));
        journal.commit(Samples.chain(3, 1));
        journal.commit(List.of(
                Samples.became(1, RunState.SUCCEEDED, Samples.NOW + 100),
                Samples.became(2, RunState.DELETED, Samples.NOW + 200)));

        assertThat(reader.runs(Samples.NOW + 150))
                .extracting(row -> row.header().run())
                .containsExactly(3, 2);
        assertThat(reader.runs(0))
                .extracting(JournalReader.RunRow::state)
                .containsExactly(RunState.RUNNING, RunState.DELETED, RunState.SUCCEEDED);
        assertThat(reader.runs(0).get(1).endedEpochMillis()).isEqualTo(Samples.NOW + 200);
    }

    @Test
    void aReaderSeesNothingOfATransactionThatFailed() throws Exception {
        journal.commit(Samples.chain(RUN, 3));
        Write impossible = Samples.decided(new Change.RunRestarted(RUN, "again", 1));
        RunHeader sameSubmission = new RunHeader(
                9, "submission-1", "", "", "", "", Map.of(), List.of(), Map.of(), List.of(), 0, Samples.NOW);

        assertThatThrownBy(() -> journal.commit(List.of(
                        Samples.jobEnded(RUN, 0, JobEnd.FAILED), impossible, new Write.RunStaged(sameSubmission))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("UNIQUE");

        assertThat(reader.ends(RUN)).containsExactly(0, 0, 0);
        journal.commit(List.of(Samples.jobEnded(RUN, 2, JobEnd.FAILED)));
        assertThat(reader.ends(RUN)).containsExactly(0, 0, 2);
    }
}
