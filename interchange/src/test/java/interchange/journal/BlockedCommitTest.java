package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.JobEnd;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockedCommitTest {
    private static final List<Write> END = List.of(Samples.jobEnded(1, 0, JobEnd.SUCCEEDED));

    @TempDir
    Path home;

    @Test
    void aFileThatMayNotGrowBlocksAndLetsGoAgain() throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 10));
            limitPages(journal, 1);

            for (int again = 0; again < 3; again++) {
                assertThatThrownBy(() -> journal.commit(Samples.chain(2, 1_000)))
                        .isInstanceOf(JournalBlockedException.class)
                        .hasMessageContaining("full");
            }
            limitPages(journal, Integer.MAX_VALUE - 1);
            journal.commit(Samples.chain(2, 1_000));

            try (JournalReader reader = journal.reader()) {
                assertThat(reader.ends(2)).hasSize(1_000);
                assertThat(reader.findJob(2, "job-998")).contains(998);
            }
        }
    }

    @Test
    void aLockOfSomebodyElseBlocksUntilItIsGone() throws Exception {
        try (SqliteJournal journal = Samples.open(home);
                JournalReader reader = journal.reader()) {
            journal.commit(Samples.chain(1, 10));
            try (Connection somebody = Connections.writer(home.resolve("journal.db"), Sharing.SHARED)) {
                Connections.execute(somebody, "BEGIN IMMEDIATE");
                assertThatThrownBy(() -> journal.commit(END))
                        .isInstanceOf(JournalBlockedException.class)
                        .hasMessageContaining("lock");
                assertThat(reader.ends(1)[0]).isZero();
            }
            journal.commit(END);

            assertThat(reader.ends(1)[0]).isEqualTo((byte) JobEnd.SUCCEEDED.code());
        }
    }

    private static void limitPages(SqliteJournal journal, int pages) throws JournalBlockedException {
        journal.use(writer -> {
            // A limit below the present size means the present size.
            Connections.pragma(writer.connection(), "max_page_count = " + pages);
            return true;
        });
    }
}
