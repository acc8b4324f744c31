package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a directory with files as the kernel has them; what it would do when they are written is done by the test. */
class JobCgroupsTest {
    private static final int WORKER = 40;
    private static final int KEEPER = 30;
    private static final Set<Integer> LINE = Set.of(1, 20, KEEPER, WORKER);

    @TempDir
    Path own;

    @BeforeEach
    void delegate() throws IOException {
        write(own, "cgroup.procs", KEEPER + "\n" + WORKER + "\n");
        write(own, "cgroup.controllers", "cpu memory pids\n");
        write(own, "cgroup.subtree_control", "");
    }

    private static void write(Path directory, String name, String text) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(name), text);
    }

    private Optional<JobCgroups> cgroups() {
        return JobCgroups.in(own, WORKER, LINE);
    }

    @Test
    void theWorkerMovesDownAndJobsAreBesideIt() throws IOException {
        assertThat(cgroups()).isPresent();

        assertThat(own.resolve("cgroup.subtree_control")).hasContent("+memory");
        assertThat(own.resolve("interchange-worker/cgroup.procs")).hasContent(Integer.toString(WORKER));
    }

    private JobCgroups ready() throws IOException {
        write(own, "cgroup.subtree_control", "memory\n");
        return JobCgroups.in(Files.createDirectories(own.resolve("interchange-worker")), WORKER, LINE)
                .orElseThrow();
    }

    @Test
    void theNextWorkerFindsItsPlaceAndRemovesWhatTheLastOneLeft() throws IOException {
        Path left = Files.createDirectories(own.resolve("interchange-job-7"));
        ready();

        assertThat(left).doesNotExist();
        assertThat(own.resolve("interchange-worker/interchange-worker")).doesNotExist();
    }

    @Test
    void whereOthersAreNothingIsMoved() throws IOException {
        write(own, "cgroup.procs", "30\n40\n77\n");

        assertThat(cgroups()).isEmpty();
        assertThat(own.resolve("interchange-worker")).doesNotExist();
    }

    @Test
    void withoutTheMemoryControllerThereAreNone() throws IOException {
        write(own, "cgroup.controllers", "cpu pids\n");

        assertThat(cgroups()).isEmpty();
    }

    @Test
    void whatTheKernelCountedIsTheJobs(@TempDir Path directory) throws Exception {
        var bench = new Bench(directory);
        JobProcess job = bench.start(bench.shell("sleep 1000"));
        ready().place(job);
        Path files = own.resolve("interchange-job-0");
        assertThat(files.resolve("cgroup.procs")).hasContent(Integer.toString(job.pid()));
        write(files, "cgroup.procs", "");
        write(files, "cpu.stat", "usage_usec 7000123\nuser_usec 6000000\nsystem_usec 1000123\n");
        write(files, "memory.peak", (900L << 20) + "\n");
        write(files, "memory.stat", "anon 0\nfile " + (350 << 20) + "\nkernel 5\nshmem " + (50 << 20) + "\n");
        write(files, "memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n");
        Bench.reaper().kill(job);
        Ended end = bench.end(job);

        assertThat(end.cpuMillis()).isEqualTo(7000);
        assertThat(job.peakMemoryKiB()).as("without what was read of files").isEqualTo(600 << 10);
        assertThat(end.outOfMemory()).isTrue();
    }

    @Test
    void whatIsLeftInItIsKilled(@TempDir Path directory) throws Exception {
        var bench = new Bench(directory);
        JobProcess job = bench.start(bench.shell("sleep 1000"));
        ready().place(job);
        Bench.reaper().kill(job);
        bench.end(job);

        assertThat(own.resolve("interchange-job-0/cgroup.kill")).hasContent("1");
    }

    @Test
    void whatHasEndedMeanwhileLeavesNoneBehind(@TempDir Path directory) throws Exception {
        var bench = new Bench(directory);
        JobProcess job = bench.start(bench.shell("true"));
        bench.end(job);
        JobCgroups cgroups = ready();
        cgroups.place(job);
        assertThat(own.resolve("interchange-job-0")).doesNotExist();

        JobProcess next = bench.start(bench.shell("sleep 1000"));
        cgroups.place(next);
        assertThat(own.resolve("interchange-job-0"))
                .as("none was made for the first")
                .exists();
        Bench.reaper().kill(next);
        bench.end(next);
    }

    /** As when the file system hangs: nothing takes them out. */
    @Test
    void whereCgroupsAreMadeTooSlowlySomeJobsHaveNone() {
        var cgroups = new JobCgroups(own);
        for (int pid = 1; pid <= JobCgroups.WAITING_MAX + 100; pid++) {
            cgroups.take(new JobProcess(pid, "token", 0, 0, false));
        }

        assertThat(cgroups.waitingCount()).isEqualTo(JobCgroups.WAITING_MAX);
    }
}
