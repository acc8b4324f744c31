package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import interchange.core.AttemptEnd;
import interchange.core.JobEnd;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real file system of 16 MiB, which only root may mount. */
class FullDiskTest {
    private static final int JOBS = 5_000;

    @TempDir
    Path directory;

    private Path disk;
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(directory.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk.toString());
        assumeThat(mounted)
                .as("may mount a small tmpfs (needs root, and a kernel that lets it)")
                .isTrue();
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            run("umount", "-l", disk.toString());
        }
    }

    @Test
    void commitsFailWholeWhileTheDiskIsFullAndGoOnWhenThereIsRoom() throws Exception {
        try (SqliteJournal journal = Samples.open(disk)) {
            journal.recover(Samples::site);
            journal.commit(Samples.chain(1, JOBS));
            fill(disk.resolve("ballast"));

            int ended = 0;
            JournalBlockedException blocked = null;
            while (blocked == null) {
                try {
                    journal.commit(ends(ended));
                    ended++;
                } catch (JournalBlockedException e) {
                    blocked = e;
                }
            }
            assertThat(blocked).hasMessageContaining("journal.db").hasMessageContaining("full");
            int full = ended;
            for (int again = 0; again < 3; again++) {
                assertThatThrownBy(() -> journal.commit(ends(full))).isInstanceOf(JournalBlockedException.class);
            }
            assertEnded(journal, full);

            Files.delete(disk.resolve("ballast"));
            journal.commit(ends(full));
            assertEnded(journal, full + 1);
        }
        try (SqliteJournal journal = Samples.open(disk)) {
            assertThat(journal.recover(Samples::site).recovered().runs()).hasSize(1);
        }
    }

    @Test
    void aSubmissionThatDoesNotFitIsRolledBackAndFitsLater() throws Exception {
        try (SqliteJournal journal = Samples.open(disk)) {
            journal.recover(Samples::site);
            fill(disk.resolve("ballast"));

            assertThatThrownBy(() -> journal.commit(Samples.chain(1, JOBS)))
                    .isInstanceOf(JournalBlockedException.class);
            Files.delete(disk.resolve("ballast"));
            journal.commit(Samples.chain(1, JOBS));

            assertEnded(journal, 0);
        }
    }

    @Test
    void openingOnAFullDiskSaysSo() throws Exception {
        try (SqliteJournal journal = Samples.open(disk)) {
            journal.commit(Samples.chain(1, JOBS));
        }
        EnvironmentFiles environments = Samples.environments(disk);
        fill(disk.resolve("ballast"));

        assertThatThrownBy(() -> {
                    try (SqliteJournal journal = SqliteJournal.open(disk.resolve("journal.db"), environments)) {
                        journal.recover(Samples::site);
                    }
                })
                .isInstanceOf(JournalBlockedException.class)
                .hasMessageContaining("journal.db")
                .hasMessageContaining("full");

        Files.delete(disk.resolve("ballast"));
        try (SqliteJournal journal = Samples.open(disk)) {
            assertThat(journal.recover(Samples::site).recovered().runs()).hasSize(1);
        }
    }

    @Test
    void makingAJournalOnAFullDiskSaysSo() throws Exception {
        EnvironmentFiles environments = Samples.environments(disk);
        fill(disk.resolve("ballast"));

        assertThatThrownBy(() -> SqliteJournal.open(disk.resolve("journal.db"), environments))
                .isInstanceOf(JournalBlockedException.class)
                .hasMessageContaining("full");

        Files.delete(disk.resolve("ballast"));
        try (SqliteJournal journal = Samples.open(disk)) {
            journal.recover(Samples::site);
        }
    }

    @Test
    void environmentsThatDoNotFitAreNotHalfThere() throws Exception {
        EnvironmentFiles environments = Samples.environments(disk);
        environments.write(1, java.util.Map.of("A", "old"), List.of());
        fill(disk.resolve("ballast"));

        assertThatThrownBy(() -> environments.replaceBase(1, java.util.Map.of("A", "x".repeat(1 << 20))))
                .isInstanceOf(IOException.class);

        assertThat(Samples.environments(disk).environment(1, 0)).containsEntry("A", "old");
    }

    /** A hundred jobs that end, which are not the same each time. */
    private static List<Write> ends(int turn) {
        List<Write> writes = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int job = (turn * 100 + i) % (JOBS - 1);
            writes.add(Samples.assigned(1, job, turn, 0, 1));
            writes.add(Samples.ended(1, job, turn, AttemptEnd.FAILED, 1, 0));
            writes.add(Samples.jobEnded(1, job, JobEnd.SUCCEEDED));
        }
        return writes;
    }

    private static void assertEnded(SqliteJournal journal, int turns) {
        try (JournalReader reader = journal.reader()) {
            byte[] ends = reader.ends(1);
            int ended = 0;
            for (byte end : ends) {
                ended += end;
            }
            assertThat(ended).isEqualTo(Math.min(turns * 100, JOBS - 1));
            assertThat(reader.attempts(1, 0)).hasSize(turns == 0 ? 0 : 1 + (turns * 100 - 1) / (JOBS - 1));
        }
    }

    private static void fill(Path ballast) throws IOException {
        byte[] chunk = new byte[64 << 10];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(chunk);
            }
        } catch (IOException e) {
            // That is what was wanted: no space left on device.
            assertThat(e).hasMessageContaining("space");
        }
        try (OutputStream out = Files.newOutputStream(ballast, java.nio.file.StandardOpenOption.APPEND)) {
            while (true) {
                out.write(0);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("space");
        }
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
