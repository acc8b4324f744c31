package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {
    /**
     * Says its arguments, starts jobs in its session, in one of their own, with an emptied environment, and with all of
     * that at once: such a one has nothing to do with the others but its descent.
     */
    private static final String WORKER = """
            trap 'echo told to end; exit 0' TERM
            echo "arguments: $*"
            echo $$ >>workers
            sleep 1000 & echo $! >>jobs
            setsid sh -c 'echo $$ >>jobs; exec sleep 1000' &
            setsid sh -c 'env -i sleep 1000 & echo $! >>jobs; exec sleep 1000' &
            setsid sh -c 'echo $$ >>jobs; exec env -i sleep 1000' &
            setsid env -i sh -c 'setsid sh -c "echo \\$\\$ >>jobs; exec sleep 1000" & echo $$ >>jobs; exec sleep 1000' &
            echo "charmap $(locale charmap)"
            until [ -e leave ]; do
                if [ -e outlive ]; then rm outlive; echo "until 1" >/proc/$$/comm; kill -s STOP $$; fi
                sleep 0.05
            done
            exit 0
            """;

    private static final int JOBS = 6;
    private static final int SIGNAL_USR1 = 10;

    @TempDir
    Path directory;

    private Bench bench;
    private JobProcess keeper;

    @BeforeEach
    void startKeeper() throws Exception {
        bench = new Bench(directory);
        Files.writeString(directory.resolve("worker.sh"), WORKER);
        try (InputStream script = Objects.requireNonNull(
                KeeperTest.class.getResourceAsStream("/interchange/worker/keeper.sh"), "keeper.sh")) {
            Files.copy(script, directory.resolve("keeper.sh"));
        }
        keeper = bench.start(
                bench.command("sh", "keeper.sh", directory.toString(), "3", "sh", "worker.sh", "--name", "two words"));
        awaitStarts(1);
    }

    @AfterEach
    void endKeeper() throws Exception {
        Bench.reaper().kill(keeper);
        bench.end(keeper);
    }

    @Test
    void aKilledWorkersJobsAreDeadBeforeTheNextStarts() throws Exception {
        killWorker(1);
        awaitStarts(2);

        assertThat(pids("jobs").subList(0, JOBS)).noneMatch(KeeperTest::isAlive);
        assertThat(log()).containsPattern("arguments: --name two words --start 1 --elapsed [0-9]+\n");
        assertThat(directory.resolve("kept.3")).doesNotExist();
        assertThat(log()).containsPattern("arguments: --name two words --start 2 --elapsed [0-9]+ --before 137\n");
    }

    @Test
    void aWorkerThatOutlivesItsLeaseIsKilledAndCountsAsFenced() throws Exception {
        Files.createFile(directory.resolve("outlive"));
        awaitStarts(2);

        assertThat(log()).contains("did not end with its lease");
        assertThat(log()).containsPattern("arguments: .* --start 2 --elapsed [0-9]+ --before 75\n");
    }

    @Test
    void theSignalThatSrunHandsOnEndsItAsTermDoes() throws Exception {
        Libc.kill(keeper.pid(), SIGNAL_USR1);

        assertThat(bench.end(keeper).exitCode()).isZero();
        assertThat(log()).contains("told to end");
    }

    @Test
    void theWorkerCanNameAllFiles() throws Exception {
        Bench.await(() -> log().contains("charmap"));

        assertThat(log()).contains("charmap UTF-8");
    }

    @Test
    void aFourthRestartWithinAnHourIsRefused() throws Exception {
        for (int start = 1; start <= 3; start++) {
            killWorker(start);
            awaitStarts(start + 1);
        }
        killWorker(4);

        assertThat(bench.end(keeper).exitCode()).isEqualTo(1);
        assertThat(log()).contains("giving up");
        assertThat(directory.resolve("kept.3")).hasContent("1\n");
    }

    @Test
    void aWorkerThatLeavesInOrderIsNotReplaced() throws Exception {
        Files.createFile(directory.resolve("leave"));

        assertThat(bench.end(keeper).exitCode()).isZero();
        assertThat(pids("workers")).hasSize(1);
        assertThat(directory.resolve("kept.3")).hasContent("0\n");
    }

    @Test
    void termIsHandedOnAndThenItEnds() throws Exception {
        Libc.kill(keeper.pid(), Libc.SIGNAL_TERM);

        assertThat(bench.end(keeper).exitCode()).isZero();
        assertThat(log()).contains("told to end");
        assertThat(pids("workers")).hasSize(1);
        assertThat(pids("jobs")).noneMatch(KeeperTest::isAlive);
    }

    private void killWorker(int number) throws IOException {
        Libc.kill(pids("workers").get(number - 1), Libc.SIGNAL_KILL);
    }

    private void awaitStarts(int number) {
        Bench.await(() -> pids("workers").size() >= number && pids("jobs").size() >= number * JOBS);
    }

    private List<Integer> pids(String file) {
        try {
            Path path = directory.resolve(file);
            return Files.exists(path)
                    ? Files.readAllLines(path).stream().map(Integer::parseInt).toList()
                    : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("worker.3.log"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isAlive(int pid) {
        return ProcessStat.read(pid, new byte[4096])
                .filter(stat -> stat.state() != 'Z')
                .isPresent();
    }
}
