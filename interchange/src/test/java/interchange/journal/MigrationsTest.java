package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.RetryPolicy;
import interchange.core.RunGraph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsTest {
    /** A version to come, as far as these tests are concerned. */
    private static final String NEXT = "ALTER TABLE run ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';";

    @TempDir
    Path home;

    @Test
    void anOlderJournalIsCopiedAndMigratedWithAllThatItHas() throws Exception {
        int old = Migrations.own().version();
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 3));
        }
        try (SqliteJournal journal = open(with(NEXT))) {
            assertThat(journal.recover(Samples::site).recovered().runs()).hasSize(1);
        }

        assertThat(text("journal.db", "SELECT colour FROM run")).containsExactly("blue");
        assertThat(text("journal.db", "PRAGMA user_version")).containsExactly(Integer.toString(old + 1));
        Path copy = home.resolve("journal.db.v" + old);
        assertThat(text(copy.getFileName().toString(), "PRAGMA user_version")).containsExactly(Integer.toString(old));
        assertThat(text(copy.getFileName().toString(), "SELECT name FROM run")).containsExactly("name");
    }

    @Test
    void aJournalOfTheFirstVersionGoesOnWithItsFinalJob() throws Exception {
        Migrations own = Migrations.own();
        try (Connection connection = Connections.opened(home.resolve("journal.db"), Sharing.SHARED)) {
            Connections.execute(connection, own.scripts().getFirst());
            Connections.pragma(connection, "application_id = " + Migrations.APPLICATION_ID);
            Connections.pragma(connection, "user_version = 1");
            Connections.execute(connection, """
                    INSERT INTO site (id, name, settings) VALUES (1, 'site1', '4096');
                    INSERT INTO run (id, submission, global_id, name, submit_directory, site, jobs, final_job,
                        submitted_ms, appeared_ms) VALUES (1, 's', 'g', 'n', '/', 'site1', 2, 1, 1, 1);
                    INSERT INTO label VALUES (1, 0, 'isr');
                    INSERT INTO job VALUES (1, 0, 0, 1, 1, 5, 0, 0, 2, '[]', '[]', 9, 1.5, 0, '', 'a'),
                        (1, 1, 0, 1, 1, 5, 0, 0, 2, '[]', '[]', 0, 0, 0, '', 'last');
                    INSERT INTO job_state (run, job, label) VALUES (1, 0, 0), (1, 1, 0);""");
        }
        new EnvironmentFiles(home.resolve("environments"));

        try (SqliteJournal journal = Samples.open(home)) {
            RunGraph graph =
                    journal.recover(Samples::site).recovered().runs().getFirst().graph();
            assertThat(graph.finals()).containsExactly(1);
            assertThat(graph.policyOf(0)).isEqualTo(new RetryPolicy(2, Set.of(), 1.5, 9, RetryPolicy.NO_ABORT, 0));
        }
    }

    @Test
    void aMigrationThatFailsChangesNothing() throws Exception {
        int old = Migrations.own().version();
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 3));
        }

        assertThatThrownBy(() -> open(with(NEXT + " INSERT INTO nowhere VALUES (1);")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nowhere");

        assertThat(text("journal.db", "PRAGMA user_version")).containsExactly(Integer.toString(old));
        assertThat(text("journal.db", "SELECT name FROM pragma_table_info('run')"))
                .doesNotContain("colour");
        try (SqliteJournal journal = open(with(NEXT))) {
            assertThat(journal.recover(Samples::site).recovered().runs()).hasSize(1);
        }
    }

    @Test
    void aNewerJournalIsRefusedWithBothVersionsAndLeftAsItIs() throws Exception {
        int known = Migrations.own().version();
        open(with(NEXT)).close();
        byte[] before = Files.readAllBytes(home.resolve("journal.db"));

        assertThatThrownBy(() -> Samples.open(home))
                .isInstanceOf(JournalRefusedException.class)
                .hasMessageContaining("journal.db has version " + (known + 1))
                .hasMessageContaining("up to " + known);

        assertThat(Files.readAllBytes(home.resolve("journal.db"))).isEqualTo(before);
    }

    @Test
    void somebodyElsesDatabaseIsRefusedAndLeftAsItIs() throws Exception {
        Path file = home.resolve("journal.db");
        try (Connection connection = Connections.opened(file, Sharing.SHARED)) {
            Connections.execute(connection, "CREATE TABLE recipe (id INTEGER)");
        }
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> Samples.open(home))
                .isInstanceOf(JournalRefusedException.class)
                .hasMessageContaining("not a journal");

        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aFileThatIsNoDatabaseIsRefused() throws Exception {
        Files.writeString(home.resolve("journal.db"), "Dear diary, ".repeat(1_000));

        assertThatThrownBy(() -> Samples.open(home))
                .isInstanceOf(JournalRefusedException.class)
                .hasMessageContaining("journal.db");
    }

    private SqliteJournal open(Migrations migrations) throws Exception {
        return SqliteJournal.open(home.resolve("journal.db"), Sharing.SHARED, Samples.environments(home), migrations);
    }

    private static Migrations with(String next) {
        List<String> scripts = new ArrayList<>(Migrations.own().scripts());
        scripts.add(next);
        return new Migrations(scripts);
    }

    private List<String> text(String file, String sql) throws SQLException {
        try (Connection connection = Connections.reader(home.resolve(file))) {
            return Rows.list(connection, sql, row -> row.getString(1));
        }
    }
}
