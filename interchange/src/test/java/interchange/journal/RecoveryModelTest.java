package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is recovered is what was committed, whatever was committed. */
class RecoveryModelTest {
    private static final int SEEDS = 16;
    private static final int TRANSACTIONS = 40;

    @TempDir
    Path directory;

    @Test
    void recoveryEqualsTheModelAfterRandomHistories() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            live(seed, Sharing.SHARED, 1);
        }
    }

    @Test
    void transactionsThatAreWrittenTwiceCountOnce() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            live(seed, Sharing.SHARED, 2);
        }
    }

    @Test
    void recoveryEqualsTheModelOnNetworkFileSystemsToo() throws Exception {
        for (int seed = 0; seed < SEEDS / 4; seed++) {
            live(seed, Sharing.EXCLUSIVE, 1);
        }
    }

    private void live(int seed, Sharing sharing, int times) throws Exception {
        Path home = Files.createDirectories(directory.resolve(sharing + "-" + times + "-" + seed));
        RandomHistory history = new RandomHistory(seed);
        ModelJournal model = new ModelJournal();
        Random random = new Random(seed);
        SqliteJournal journal = Samples.open(home, sharing);
        try {
            check(journal, model, seed, history);
            for (int i = 0; i < TRANSACTIONS; i++) {
                List<Write> writes = history.transaction();
                model.commit(writes);
                for (int time = 0; time < times; time++) {
                    journal.commit(writes);
                }
                journal.sweep();
                if (random.nextInt(10) == 0) {
                    journal = reopened(journal, home, sharing);
                    history.crash();
                    check(journal, model, seed, history);
                }
            }
        } finally {
            journal.close();
        }
    }

    private static SqliteJournal reopened(SqliteJournal journal, Path home, Sharing sharing)
            throws JournalBlockedException, IOException {
        journal.close();
        return Samples.open(home, sharing);
    }

    private static void check(SqliteJournal journal, ModelJournal model, int seed, RandomHistory history)
            throws JournalBlockedException {
        Journal.Recovery recovery = journal.recover(Samples::site);
        assertThat(recovery.heldRuns()).as("seed %d", seed).isEmpty();
        assertThat(recovery.recovered())
                .as("seed %d", seed)
                .usingRecursiveComparison()
                .isEqualTo(model.recover());
        List<Integer> visible = new ArrayList<>(history.visibleRuns());
        for (int run : visible) {
            assertThat(journal.recoverRun(run))
                    .as("seed %d run %d", seed, run)
                    .usingRecursiveComparison()
                    .isEqualTo(model.recoverRun(run));
            try (JournalReader reader = journal.reader()) {
                assertThat(reader.ends(run)).isEqualTo(model.recoverRun(run).ends());
            }
        }
    }
}
