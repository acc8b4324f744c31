package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.Recovered;
import java.io.DataInputStream;
import java.io.EOFException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledWriterTest {
    private static final int KILLS = 6;
    private static final int TRANSACTIONS_MAX = 150;

    @TempDir
    Path home;

    @Test
    void whatWasAcknowledgedIsThereAndNothingIsHalfThere() throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            journal.recover(Samples::site);
            List<Write> chain = Samples.chain(CommittingProcess.RUN, 2_000);
            journal.commit(chain);
        }
        Random random = new Random(1);
        int next = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int acknowledged = commitAndKill(next, 1 + random.nextInt(TRANSACTIONS_MAX));
            next = check(acknowledged) + 1;
        }
    }

    /** Returns the last transaction that the process said was on disk. */
    private int commitAndKill(int first, int transactions) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CommittingProcess.class.getName(),
                        home.toString(),
                        Integer.toString(first))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int acknowledged = -1;
        try (DataInputStream answers = new DataInputStream(process.getInputStream())) {
            for (int i = 0; i < transactions; i++) {
                acknowledged = answers.readInt();
            }
            // KILL, in the middle of whatever comes next; by the handle, which leaves the pipe open to be read empty.
            process.toHandle().destroyForcibly();
            while (true) {
                acknowledged = answers.readInt();
            }
        } catch (EOFException e) {
            return acknowledged;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Returns the last transaction that is there: one more than was acknowledged, at most. */
    private int check(int acknowledged) throws Exception {
        try (SqliteJournal journal = Samples.open(home);
                JournalReader reader = journal.reader()) {
            Recovered.RunRecord run =
                    journal.recover(Samples::site).recovered().runs().getFirst();
            int there = 0;
            while (there < run.attempts().length && run.attempts()[there] > 0) {
                assertThat(run.attempts()[there]).isEqualTo(CommittingProcess.ATTEMPTS);
                assertThat(run.ends()[there]).isEqualTo((byte) 1);
                there++;
            }
            for (int job = there; job < run.attempts().length; job++) {
                assertThat(run.attempts()[job] + run.ends()[job])
                        .as("job %d", job)
                        .isZero();
            }
            assertThat(there - 1).isBetween(acknowledged, acknowledged + 1);
            assertThat(reader.runs(0)).hasSize(1);
            return there - 1;
        }
    }
}
