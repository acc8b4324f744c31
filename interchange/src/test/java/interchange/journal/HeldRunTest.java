package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.Now;
import interchange.core.RunGraph;
import interchange.core.RunState;
import interchange.core.Scheduler;
import interchange.core.Site;
import interchange.core.Timing;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeldRunTest {
    @TempDir
    Path home;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE job SET needs = '[1' WHERE run = 1 AND job = 2",
                "UPDATE job SET needs = '[3]' WHERE run = 1 AND job = 1",
                "UPDATE job SET needs = '[77]' WHERE run = 1 AND job = 1",
                "UPDATE job SET label = 77 WHERE run = 1 AND job = 1",
                "UPDATE job SET site = 77 WHERE run = 1 AND job = 1",
                "UPDATE job_state SET state = 77 WHERE run = 1 AND job = 1",
                "UPDATE run SET jobs = 99 WHERE id = 1",
                "DELETE FROM job WHERE run = 1 AND job = 1",
                "INSERT INTO attempt (run, job, number, generation, worker, assigned_ms) VALUES (1, 77, 0, 0, 1, 0)",
                "INSERT INTO attempt (run, job, number, generation, worker, assigned_ms) VALUES (1, 0, 1, 0, 1, 0)",
                "UPDATE job_state SET state = 1 WHERE run = 1 AND job = 0",
                "UPDATE attempt SET worker = 77 WHERE run = 1",
                "UPDATE attempt SET job = 77 WHERE run = 1",
                "UPDATE worker SET left_ms = 1 WHERE id = 1",
                "DELETE FROM worker WHERE id = 1",
                "DELETE FROM block WHERE id = 1",
            })
    void aDamagedRunIsHeldWithTheCauseAndTheOthersGoOn(String damage) throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 5));
            journal.commit(Samples.chain(2, 5));
            journal.commit(List.of(Samples.intended(1), Samples.joined(1, 1), Samples.joined(2, 1)));
            journal.commit(List.of(Samples.assigned(1, 0, 0, 0, 1)));
            damage(damage);

            Journal.Recovery recovery = journal.recover(Samples::site);

            assertThat(recovery.recovered().runs())
                    .extracting(run -> run.graph().run())
                    .containsExactly(2);
            assertThat(recovery.heldRuns()).extracting(Journal.HeldRun::run).containsExactly(1);
            assertThat(recovery.heldRuns().getFirst().cause()).isNotBlank();
            new Scheduler(recovery.recovered(), Timing.standard(), Map.of(), new Random(1), new Now(0, Samples.NOW))
                    .sanityCheck();
            try (JournalReader reader = journal.reader()) {
                JournalReader.RunRow held = reader.run(1).orElseThrow();
                assertThat(held.state()).isEqualTo(RunState.HELD);
                assertThat(held.held()).isEqualTo(recovery.heldRuns().getFirst().cause());
                assertThat(reader.run(2).orElseThrow().state()).isEqualTo(RunState.RUNNING);
            }
        }
    }

    @Test
    void aRunThatCanBeReadAgainIsHeldNoLonger() throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 5));
            damage("UPDATE job SET label = 77 WHERE run = 1 AND job = 1");
            assertThat(journal.recover(Samples::site).heldRuns()).hasSize(1);
            damage("UPDATE job SET label = 1 WHERE run = 1 AND job = 1");

            assertThat(journal.recover(Samples::site).heldRuns()).isEmpty();

            try (JournalReader reader = journal.reader()) {
                assertThat(reader.run(1).orElseThrow().state()).isEqualTo(RunState.RUNNING);
            }
        }
    }

    @Test
    void aSiteThatCanNotBeMadeHoldsItsRunsAlone() throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 5));
            journal.commit(List.of(new Write.SiteStored(2, "other", "no number"), Samples.intended(1)));
            damage("UPDATE job SET site = 2 WHERE run = 1 AND job = 3");
            damage("INSERT INTO block (site, token, nodes, intended_ms, phase_ms) VALUES (2, '', 1, 0, 0)");
            journal.commit(Samples.chain(3, 5));

            Journal.Recovery recovery = journal.recover(Samples::site);

            assertThat(recovery.heldRuns()).extracting(Journal.HeldRun::run).containsExactly(1);
            assertThat(recovery.heldRuns().getFirst().cause())
                    .contains("site 2")
                    .contains("no number");
            assertThat(recovery.recovered().sites())
                    .extracting(record -> record.site().index())
                    .containsExactly(1);
            assertThat(recovery.recovered().blocks()).hasSize(1);
            assertThat(recovery.recovered().runs()).hasSize(1);
        }
    }

    @Test
    void recoveryCountsStartsAndKnowsWhatIsTooLargeForItsSite() throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            List<JobSpec> jobs = List.of(
                    Samples.job(0, "isr", Samples.CORES, false), Samples.job(1, "isr", Samples.CORES + 1, false));
            journal.commit(List.of(
                    Samples.siteStored(1),
                    new Write.RunStaged(Samples.header(1, 2)),
                    new Write.JobsStaged(1, jobs),
                    Samples.chain(1, 1).getLast()));

            assertThat(journal.recover(Samples::site).recovered().starts()).isEqualTo(1);
            Journal.Recovery recovery = journal.recover(Samples::site);

            assertThat(recovery.recovered().starts()).isEqualTo(2);
            Site site = recovery.recovered().sites().getFirst().site();
            assertThat(site.memoryMiB()).isEqualTo(4096);
            RunGraph graph = recovery.recovered().runs().getFirst().graph();
            assertThat(graph.shapeOf(0).alone()).isFalse();
            assertThat(graph.shapeOf(1).alone()).isTrue();
        }
    }

    private void damage(String sql) throws Exception {
        try (Connection connection = Connections.writer(home.resolve("journal.db"), Sharing.SHARED)) {
            Connections.execute(connection, sql);
        }
    }
}
