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

/** What jobs are said to have taken. */
class UsageTest {
    /** Leaves its session and its environment, and is nobody's child. */
    private static final String ORPHAN =
            "mkfifo done; (setsid env -i sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo > done' &); ";

    /** As a template does it: the fork is leader of its session, and left to the worker. It begins with some 70 MiB. */
    private static final List<String> FORKING = List.of(
            "import os, time",
            "def wait(file):",
            "    while not os.path.exists(file): time.sleep(0.001)",
            "shared = b'x' * (60 << 20)",
            "if os.fork() == 0:",
            "    between = os.getpid()",
            "    if os.fork() == 0:",
            "        os.setsid()",
            "        while os.getppid() == between: time.sleep(0.001)",
            "        open('part', 'w').write(str(os.getpid()))",
            "        os.rename('part', 'pid')",
            "        wait('go')",
            "        os._exit(0)",
            "    os._exit(0)",
            "wait('never')");

    @TempDir
    Path directory;

    private Bench bench;

    @BeforeEach
    void setUp() {
        bench = new Bench(directory);
    }

    /** What other tests of this JVM have had counts, too. */
    private static long clearlyMoreThanThisProcessMiB() {
        return 200 + (new OwnPeak().mayBeTakenForOursKiB() >> 10);
    }

    @Test
    void aJobThatIsTooShortToBeLookedAtIsMeasured() throws Exception {
        long mib = clearlyMoreThanThisProcessMiB();
        Ended end = bench.run(bench.command("dd", "if=/dev/zero", "of=/dev/null", "bs=" + mib + "M", "count=1"));

        assertThat(end.process().peakMemoryKiB()).isBetween(mib << 10, (mib + 20) << 10);
    }

    @Test
    void soIsTheLargestOfWhatItWaitedFor() throws Exception {
        long mib = clearlyMoreThanThisProcessMiB();
        Ended end = bench.run(bench.shell("dd if=/dev/zero of=/dev/null bs=" + mib + "M count=1; true"));

        assertThat(end.process().peakMemoryKiB()).isBetween(mib << 10, (mib + 20) << 10);
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

    private int forked() throws IOException {
        Path pid = directory.resolve("pid");
        Bench.await(() -> Files.exists(pid));
        return Integer.parseInt(Files.readString(pid));
    }

    /** Also where it is less than this JVM has: it never had that. */
    @Test
    void aForkThatIsTooShortToBeLookedAtHasWhatItBeganWith() throws Exception {
        JobProcess template = bench.start(bench.command("python3", "-c", String.join("\n", FORKING)));
        int pid = forked();
        JobProcess fork;
        try (var _ = Bench.lock().hold()) {
            Files.createFile(directory.resolve("go"));
            Bench.await(
                    () -> ProcessStat.read(pid, new byte[8192]).orElseThrow().state() == 'Z');
            fork = Bench.reaper().adopt(pid, "fork/1").orElseThrow();
        }
        bench.end(fork);
        Bench.reaper().kill(template);
        bench.end(template);

        assertThat(fork.peakMemoryKiB()).isBetween(60L << 10, 90L << 10);
    }

    @Test
    void aForkIsHeldToItsPartOfWhatItShares() throws Exception {
        JobProcess template = bench.start(bench.command("python3", "-c", String.join("\n", FORKING)));
        JobProcess fork = Bench.reaper().adopt(forked(), "fork/2").orElseThrow();
        var looks = new TreeLooks(Bench.reaper(), new OomScores());
        looks.look(false);
        assertThat(fork.memoryKiB()).as("what it asks for is not known yet").isZero();
        fork.asksFor(50 << 10);
        looks.look(false);
        Files.createFile(directory.resolve("go"));
        bench.end(fork);
        Bench.reaper().kill(template);
        bench.end(template);

        assertThat(fork.memoryKiB()).isBetween(30L << 10, 50L << 10);
        assertThat(fork.peakMemoryKiB()).isBetween(60L << 10, 90L << 10);
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
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
