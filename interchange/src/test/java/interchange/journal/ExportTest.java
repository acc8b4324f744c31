package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.AttemptEnd;
import interchange.core.BlockPhase;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.RunState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExportTest {
    private static final int JOBS = 5_000;

    @TempDir
    Path home;

    @ParameterizedTest
    @EnumSource(Sharing.class)
    void anExportIsConsistentWhileTheWriterWrites(Sharing sharing) throws Exception {
        Path export = home.resolve("export.db");
        try (SqliteJournal journal = Samples.open(home, sharing)) {
            journal.commit(Samples.chain(1, JOBS));
            AtomicBoolean done = new AtomicBoolean();
            Thread exporter = Thread.ofPlatform().start(() -> {
                journal.export(export);
                done.set(true);
            });
            // Both of a pair end in one transaction, so a copy has both or none.
            for (int job = 0; job < JOBS - 1 && !done.get(); job += 2) {
                journal.commit(List.of(
                        Samples.jobEnded(1, job, JobEnd.SUCCEEDED), Samples.jobEnded(1, job + 1, JobEnd.SUCCEEDED)));
            }
            exporter.join();
        }

        try (Connection connection = Connections.opened(export, Sharing.SHARED)) {
            assertThat(Connections.number(connection, "SELECT count(*) FROM job_in_words"))
                    .isEqualTo(JOBS);
            assertThat(Connections.number(connection, "SELECT count(*) % 2 FROM job_state WHERE state = 1"))
                    .isZero();
            assertThat(Rows.list(connection, "PRAGMA integrity_check", row -> row.getString(1)))
                    .containsExactly("ok");
        }
        assertThat(home).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void anExportOverwritesNothing() throws Exception {
        Path export = Files.writeString(home.resolve("precious"), "text");
        try (SqliteJournal journal = Samples.open(home)) {
            assertThatThrownBy(() -> journal.export(export))
                    .isInstanceOf(JournalExportException.class)
                    .hasMessageContaining("precious is there already");
            assertThatThrownBy(() -> journal.export(home.resolve("nowhere/export.db")))
                    .isInstanceOf(JournalExportException.class)
                    .hasMessageContaining("nowhere");
        }
        assertThat(export).hasContent("text");
    }

    @Test
    void viewsSayCodesInTheWordsOfTheProgram() throws Exception {
        Path export = home.resolve("export.db");
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 10));
            journal.commit(List.of(Samples.intended(1), Samples.joined(1, 1)));
            for (JobEnd end : JobEnd.values()) {
                journal.commit(List.of(Samples.jobEnded(1, end.code(), end)));
            }
            int number = 0;
            for (AttemptEnd end : AttemptEnd.values()) {
                journal.commit(List.of(Samples.assigned(1, 0, number, 0, 1), Samples.ended(1, 0, number, end, 0, 0)));
                number++;
            }
            for (BlockPhase phase : BlockPhase.values()) {
                int block = 10 + phase.code();
                journal.commit(List.of(
                        Samples.intended(block),
                        Samples.decided(
                                new Change.BlockBecame(block, phase, Optional.empty(), phase.name(), Samples.NOW))));
            }
            int run = 20;
            for (RunState state : RunState.values()) {
                journal.commit(Samples.chain(run + state.code(), 1));
                journal.commit(List.of(Samples.became(run + state.code(), state, Samples.NOW)));
            }
            journal.export(export);
        }

        try (Connection connection = Connections.opened(export, Sharing.SHARED)) {
            assertThat(texts(connection, "SELECT state FROM job_in_words WHERE run = 1 AND job < 6 ORDER BY job"))
                    .isEqualTo(names(JobEnd.values()));
            assertThat(texts(connection, "SELECT ending FROM attempt_in_words ORDER BY number"))
                    .isEqualTo(names(AttemptEnd.values()));
            assertThat(texts(connection, "SELECT phase FROM block_in_words WHERE id >= 10 ORDER BY id"))
                    .isEqualTo(names(BlockPhase.values()));
            assertThat(texts(connection, "SELECT state FROM run_in_words WHERE id >= 20 ORDER BY id"))
                    .isEqualTo(names(RunState.values()));
            assertThat(texts(connection, "SELECT job || '<' || parent FROM need WHERE run = 1 AND job < 3"))
                    .containsExactly("1<0", "2<1");
        }
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    private static List<String> texts(Connection connection, String sql) throws Exception {
        return Rows.list(connection, sql, row -> row.getString(1));
    }
}
