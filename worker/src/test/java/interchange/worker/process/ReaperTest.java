package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaperTest {
    @TempDir
    Path directory;

    private Bench bench;

    @BeforeEach
    void setUp() {
        bench = new Bench(directory);
    }

    @Test
    void leftoversInTheGroupDieWithTheFirstProcess() throws Exception {
        bench.run(bench.shell("sleep 1000 & echo $! > pid"));

        assertThat(exists(pid("pid"))).isFalse();
    }

    @Test
    void leftoversThatHaveLeftTheSessionDieToo() throws Exception {
        bench.run(bench.shell("setsid sh -c 'echo $$ > pid; setsid sh -c \"echo \\$\\$ > pid2; exec sleep 1000\" & "
                + "exec sleep 1000' & until [ -s pid2 ]; do :; done"));

        assertThat(exists(pid("pid"))).isFalse();
        assertThat(exists(pid("pid2"))).isFalse();
    }

    @Test
    void leftoversOfAnotherJobLive() throws Exception {
        JobProcess other = bench.start(bench.shell(
                "setsid sh -c 'echo $$ > pid; exec sleep 1000' & until [ -s pid ]; do :; done; exec sleep 1000"));
        Bench.await(() -> Files.exists(directory.resolve("pid")));
        bench.run(bench.shell("sleep 1000 &"));

        assertThat(exists(pid("pid"))).isTrue();
        Bench.reaper().kill(other);
        bench.end(other);
        assertThat(exists(pid("pid"))).isFalse();
    }

    @Test
    void leftoversWithoutAnythingDieWhileOthersRun() throws Exception {
        JobProcess other = bench.start(bench.shell("exec sleep 1000"));
        bench.run(bench.shell("env -i setsid sh -c 'echo $$ > pid; exec sleep 1000' & until [ -s pid ]; do :; done"));

        assertThat(exists(pid("pid"))).isFalse();
        Bench.reaper().kill(other);
        bench.end(other);
    }

    @Test
    void orphansOfARunningJobAreReaped() throws Exception {
        JobProcess job = bench.start(
                bench.shell("(setsid sh -c 'echo $$ > pid' &); until [ -s pid ]; do :; done; exec sleep 1000"));
        Bench.await(() -> size("pid") > 0 && !exists(pid("pid")));

        Bench.reaper().kill(job);
        assertThat(bench.end(job).signal()).isEqualTo(9);
    }

    @Test
    void onlyAChildOfOursIsAdopted() throws Exception {
        JobProcess job = bench.start(bench.shell("setsid sh -c 'exec sleep 1000' & echo $! > pid; exec sleep 1000"));
        Bench.await(() -> size("pid") > 0);
        for (int stranger : new int[] {
            -1,
            0,
            1,
            (int) ProcessHandle.current().pid(),
            job.pid(),
            // A child of the job's, and one that there is not.
            Integer.parseInt(Files.readString(directory.resolve("pid")).strip()),
            4_999_999
        }) {
            assertThat(Bench.reaper().adopt(stranger, "bench/stranger"))
                    .as("process %d", stranger)
                    .isEmpty();
        }
        Bench.reaper().kill(job);
        bench.end(job);
    }

    @Test
    void termIsForTheGroup() throws Exception {
        JobProcess job =
                bench.start(bench.shell("trap 'echo got; exit 3' TERM; echo ready; while :; do sleep 0.01; done"));
        Bench.await(() -> size("out") > 0);
        Bench.reaper().terminate(List.of(job));

        assertThat(bench.end(job).exitCode()).isEqualTo(3);
        assertThat(directory.resolve("out")).content().contains("got");
    }

    @Test
    void whatIsBelowAShellHasItsTimeToEnd() throws Exception {
        JobProcess job = bench.start(bench.shell(
                "(trap 'sleep 0.3; echo saved; exit' TERM; echo ready; " + "while :; do sleep 0.01; done); true"));
        Bench.await(() -> size("out") > 0);
        Bench.reaper().terminate(List.of(job));

        assertThat(bench.end(job).signal()).isEqualTo(15);
        assertThat(directory.resolve("out")).content().contains("saved");
    }

    @Test
    void whatHasAGroupOrSessionOfItsOwnIsToldToEndToo() throws Exception {
        String program =
                " bash -c 'trap \"sleep 0.1; echo saved; exit\" TERM; echo ready; while :; do sleep 0.01; done'";
        JobProcess job = bench.start(bench.shell(
                "timeout 1000" + program + " & setsid -w" + program + " & env -i setsid" + program + " & wait"));
        Bench.await(() -> lines("ready") == 3);
        Bench.reaper().terminate(List.of(job));

        assertThat(bench.end(job).signal()).isEqualTo(15);
        assertThat(lines("saved")).isEqualTo(3);
    }

    @Test
    void whatIsLeftWhenTheGraceIsOverIsKilled() throws Exception {
        JobProcess job = bench.start(
                bench.shell(
                        "for i in 1 2; do setsid env -i bash -c \"trap '' TERM; echo ready; "
                                + "while :; do sleep 0.01; done\" & done; (trap '' TERM; echo ready; while :; do sleep 0.01; done) & wait"));
        Bench.await(() -> lines("ready") == 3);
        Bench.reaper().terminate(List.of(job));
        Bench.await(() -> !Bench.reaper().live().containsValue(job));
        assertThat(bench.hasEnded(job)).isFalse();
        Bench.reaper().kill(job);

        assertThat(bench.end(job).signal()).isEqualTo(15);
    }

    private long lines(String text) {
        try {
            return Files.readAllLines(directory.resolve("out")).stream()
                    .filter(text::equals)
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void whatIgnoresTermIsKilledWithItsWholeTree() throws Exception {
        JobProcess job = bench.start(bench.shell("trap '' TERM; setsid sh -c \"trap '' TERM; echo \\$\\$ > pid; "
                + "while :; do sleep 1; done\" & while :; do sleep 0.01; done"));
        Bench.await(() -> size("pid") > 0);
        Bench.reaper().terminate(List.of(job));
        Bench.reaper().kill(job);

        assertThat(bench.end(job).signal()).isEqualTo(9);
        assertThat(exists(pid("pid"))).isFalse();
    }

    @Test
    void aSignalToOneThatHasEndedGoesNowhere() throws Exception {
        JobProcess job = bench.start(bench.shell("true"));
        bench.end(job);
        Bench.reaper().kill(job);

        assertThat(Bench.reaper().live()).doesNotContainValue(job);
    }

    @Test
    void peakMemoryIsThatOfTheTree() throws Exception {
        MemorySampler.start(Bench.reaper(), NodeMemory.ofThisProcess(), Optional.empty(), look -> {});
        JobProcess job = bench.start(bench.shell(
                "for i in 1 2; do python3 -c 'x = bytearray(60 << 20); import time; time.sleep(1000)' & done; wait"));
        Bench.await(() -> job.peakMemoryKiB() > 120 << 10);

        Bench.reaper().kill(job);
        bench.end(job);
        assertThat(job.peakMemoryKiB()).isBetween(120L << 10, 250L << 10);
    }

    @Test
    void memoryThatForkedProcessesShareIsCountedOnce() throws Exception {
        MemorySampler.start(Bench.reaper(), NodeMemory.ofThisProcess(), Optional.empty(), look -> {});
        JobProcess job = bench.start(bench.command("python3", "-c", """
                import os, time
                x = bytearray(60 << 20)
                for i in range(4):
                    if os.fork() == 0:
                        time.sleep(1000)
                print("forked", flush=True)
                time.sleep(1000)
                """));
        Bench.await(() -> size("out") > 0);
        int before = job.looks();
        Bench.await(() -> job.looks() > before + 5);

        Bench.reaper().kill(job);
        bench.end(job);
        assertThat(job.peakMemoryKiB()).isBetween(60L << 10, 130L << 10);
    }

    private long size(String name) {
        return directory.resolve(name).toFile().length();
    }

    private int pid(String name) {
        try {
            return Integer.parseInt(Files.readString(directory.resolve(name)).strip());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean exists(int pid) {
        return Files.exists(Path.of("/proc/" + pid));
    }
}
