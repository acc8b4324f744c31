package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jobs are said to have taken. */
class UsageTest {
    /** Leaves its session and its environment, and is nobody's child. */
    private static final String ORPHAN =
            "mkfifo done; (setsid env -i sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo > done' &); ";

    @TempDir
    Path directory;

    private Bench bench;

    @BeforeEach
    void setUp() {
        bench = new Bench(directory);
    }

    @Test
    void aJobThatIsTooShortToBeLookedAtIsMeasured() throws Exception {
        Ended end = bench.run(bench.command("dd", "if=/dev/zero", "of=/dev/null", "bs=300M", "count=1"));

        assertThat(end.process().peakMemoryKiB()).isBetween(300L << 10, 320L << 10);
    }

    @Test
    void soIsTheLargestOfWhatItWaitedFor() throws Exception {
        Ended end = bench.run(bench.shell("dd if=/dev/zero of=/dev/null bs=300M count=1; true"));

        assertThat(end.process().peakMemoryKiB()).isBetween(300L << 10, 320L << 10);
    }

    /** The kernel says of each that it had as much memory as this JVM. */
    @Test
    void whatThisProcessHasIsNotSaidOfAJob() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(bench.run(bench.command("true")).process().peakMemoryKiB())
                    .isLessThan(10 << 10);
        }
    }

    @Test
    void aShortOnesMemoryIsLookedAtWhileItIsYoung() throws Exception {
        MemorySampler.start(Bench.reaper(), NodeMemory.ofThisProcess(), Optional.empty(), look -> {});
        Ended end = bench.run(bench.shell("x=$(head -c 20000000 /dev/zero | tr '\\0' x); sleep 0.1"));

        assertThat(end.process().peakMemoryKiB()).isBetween(15L << 10, 120L << 10);
    }

    @Test
    void whatOrphansTookIsTheirJobs() throws Exception {
        JobProcess idle = bench.start(bench.shell("exec sleep 1000"));
        Ended end = bench.run(bench.shell(ORPHAN + "read x < done; sleep 0.1"));
        Bench.reaper().kill(idle);

        assertThat(end.cpuMillis()).isGreaterThan(100);
        assertThat(bench.end(idle).cpuMillis()).isLessThan(50);
    }

    @Test
    void whatIsKilledWithItsJobIsCounted() throws Exception {
        Ended end = bench.run(
                bench.shell(ORPHAN.replace("echo > done", "echo > done; while :; do :; done") + "read x < done"));

        assertThat(end.cpuMillis()).isGreaterThan(100);
    }

    @Test
    void theKernelTakesJobsBeforeTheWorker() throws Exception {
        MemorySampler.start(Bench.reaper(), NodeMemory.ofThisProcess(), Optional.empty(), look -> {});
        int own = score("self");
        JobProcess job = bench.start(bench.shell("sleep 1000; true"));
        Bench.await(() -> score(Integer.toString(job.pid())) == Math.min(1000, own + 300));

        Bench.reaper().kill(job);
        bench.end(job);
        assertThat(score("self")).isEqualTo(own);
    }

    private static int score(String pid) {
        try {
            return Integer.parseInt(
                    Files.readString(Path.of("/proc", pid, "oom_score_adj")).strip());
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
