package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.BlockPhase;
import interchange.core.Change;
import interchange.core.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PurgeTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final long LATER = Samples.NOW + DAY.toMillis() * 3;
    private static final List<String> TABLES =
            List.of("run", "run_attribute", "run_note", "label", "job", "command", "job_state", "attempt", "doomed");

    @TempDir
    Path home;

    private EnvironmentFiles environments;

    @BeforeEach
    void makeEnvironments() throws Exception {
        environments = Samples.environments(home);
    }

    @Test
    void runsThatEndedLongAgoGoWithAllTheirRowsAndFiles() throws Exception {
        try (SqliteJournal journal = SqliteJournal.open(home.resolve("journal.db"), environments)) {
            for (int run = 1; run <= 3; run++) {
                environments.write(run, Map.of("RUN", "" + run), List.of());
                journal.commit(Samples.chain(run, 2_500));
                journal.commit(List.of(Samples.assigned(run, 0, 0, 0, 1), Samples.assigned(run, 2_499, 0, 0, 1)));
            }
            journal.commit(List.of(
                    Samples.became(1, RunState.FAILED, Samples.NOW),
                    Samples.became(2, RunState.SUCCEEDED, LATER - 1_000)));

            assertThat(journal.purge(DAY, LATER)).containsExactly(1);
            assertThat(journal.purge(DAY, LATER)).isEmpty();
            try (JournalReader reader = journal.reader()) {
                assertThat(reader.runs(0)).extracting(row -> row.header().run()).containsExactly(3, 2);
                assertThat(reader.findSubmission("submission-1")).isEmpty();
            }
            sweepAll(journal);

            assertThat(Files.exists(home.resolve("environments/1"))).isFalse();
            assertThat(environments.environment(3, 0)).containsEntry("RUN", "3");
            assertThat(journal.recover(Samples::site).recovered().nextRun()).isEqualTo(4);
            journal.commit(List.of(Samples.became(3, RunState.DELETED, Samples.NOW)));
            assertThat(journal.purge(Duration.ZERO, LATER)).containsExactly(2, 3);
            sweepAll(journal);
        }
        assertNothingIn(TABLES);
    }

    @Test
    void workersAndBlocksGoWhenNoRunIsAsOld() throws Exception {
        try (SqliteJournal journal = SqliteJournal.open(home.resolve("journal.db"), environments)) {
            journal.commit(Samples.chain(1, 1));
            journal.commit(
                    List.of(Samples.intended(1), Samples.intended(2), Samples.joined(1, 1), Samples.joined(2, 2)));
            journal.commit(List.of(
                    Samples.decided(new Change.WorkerLeft(1, "done", Samples.NOW + 50)),
                    Samples.decided(
                            new Change.BlockBecame(1, BlockPhase.ENDED, Optional.empty(), "", Samples.NOW + 50))));

            journal.purge(DAY, LATER);
            assertThat(rows("worker")).isEqualTo(2);

            journal.commit(List.of(Samples.became(1, RunState.SUCCEEDED, Samples.NOW + 60)));
            journal.purge(DAY, LATER);
            assertThat(rows("worker")).isEqualTo(1);
            assertThat(rows("block")).isEqualTo(1);
            assertThat(journal.recover(Samples::site).recovered().nextWorker()).isEqualTo(3);
        }
    }

    @Test
    void whatWasStagedAndNeverAppearedIsGoneAfterARestart() throws Exception {
        try (SqliteJournal journal = SqliteJournal.open(home.resolve("journal.db"), environments)) {
            environments.write(1, Map.of(), List.of());
            journal.commit(Samples.chain(1, 50).subList(0, 3));
        }
        try (SqliteJournal journal = SqliteJournal.open(home.resolve("journal.db"), environments)) {
            Journal.Recovery recovery = journal.recover(Samples::site);
            assertThat(recovery.recovered().runs()).isEmpty();
            assertThat(recovery.recovered().nextRun()).isEqualTo(2);
            // The same submission again is another run.
            RunHeader header = Samples.header(1, 0);
            journal.commit(List.of(new Write.RunStaged(new RunHeader(
                    2,
                    header.submission(),
                    "",
                    "",
                    "",
                    "",
                    Map.of(),
                    List.of(),
                    Map.of(),
                    List.of(),
                    0,
                    Samples.NOW))));
            journal.commit(List.of(new Write.StageDropped(2)));
            sweepAll(journal);
        }
        assertThat(Files.exists(home.resolve("environments/1"))).isFalse();
        assertNothingIn(TABLES);
    }

    @Test
    void aFileOfFreePagesBecomesSmaller() throws Exception {
        try (SqliteJournal journal = SqliteJournal.open(home.resolve("journal.db"), environments)) {
            journal.commit(Samples.chain(1, 60_000));
            journal.commit(List.of(Samples.became(1, RunState.FAILED, Samples.NOW)));
            long before = pages();

            journal.purge(DAY, LATER);
            sweepAll(journal);

            assertThat(pages()).isLessThan(before * 6 / 10);
        }
    }

    private static void sweepAll(SqliteJournal journal) throws JournalBlockedException {
        int turns = 0;
        while (journal.sweep()) {
            assertThat(++turns).isLessThan(1_000);
        }
    }

    private void assertNothingIn(List<String> tables) throws Exception {
        for (String table : tables) {
            assertThat(rows(table)).as(table).isZero();
        }
    }

    private long rows(String table) throws Exception {
        return number("SELECT count(*) FROM " + table);
    }

    private long pages() throws Exception {
        return number("PRAGMA page_count");
    }

    private long number(String sql) throws Exception {
        try (Connection connection = Connections.reader(home.resolve("journal.db"))) {
            return Connections.number(connection, sql);
        }
    }
}
