package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against files as kernels write them. */
class MemoryKillsTest {
    private static final String EVENTS = "low 0\nhigh 0\nmax 71\noom 9\noom_kill 4\noom_group_kill 0\n";

    @TempDir
    Path directory;

    private Path proc = Path.of("");
    private Path mount = Path.of("");

    @BeforeEach
    void makeDirectories() throws IOException {
        proc = directory.resolve("proc");
        Files.createDirectories(proc.resolve("self"));
        mount = Files.createDirectories(directory.resolve("cgroup"));
        Files.writeString(proc.resolve("vmstat"), "pgfault 7\noom_kill 30\nnuma_hit 1\n");
    }

    private void cgroups(String cgroup, String mountinfo) throws IOException {
        Files.writeString(proc.resolve("self/cgroup"), cgroup);
        Files.writeString(proc.resolve("self/mountinfo"), mountinfo.formatted(mount));
    }

    private Path cgroup(String path) throws IOException {
        return Files.createDirectories(mount.resolve(path));
    }

    private void assertKills(long count, boolean onlyOurs) {
        MemoryKills kills = MemoryKills.of(proc);
        assertThat(kills.count()).hasValue(count);
        assertThat(kills.onlyOurs()).isEqualTo(onlyOurs);
    }

    @Test
    void thoseOfASlurmStepAreReadFromItsCgroup() throws IOException {
        Files.writeString(cgroup("system.slice/job_7/step_0/task_0").resolve("memory.events"), EVENTS);
        cgroups("0::/system.slice/job_7/step_0/task_0\n", "31 23 0:28 / %s rw,nosuid - cgroup2 cgroup2 rw\n");
        assertKills(4, true);
    }

    @Test
    void whereJobsHaveTheirOwnTheyAreAroundTheWorkers() throws IOException {
        Files.writeString(cgroup("system.slice/job_7").resolve("memory.events"), EVENTS);
        Files.writeString(cgroup("system.slice/job_7/interchange-worker").resolve("memory.events"), "oom_kill 0\n");
        cgroups("0::/system.slice/job_7/interchange-worker\n", "31 23 0:28 / %s rw,nosuid - cgroup2 cgroup2 rw\n");
        assertKills(4, true);
    }

    @Test
    void aCgroupWithoutTheControllerIsCountedWithThoseBesideIt() throws IOException {
        cgroup("user.slice/session-3.scope");
        Files.writeString(mount.resolve("user.slice/memory.events"), EVENTS);
        cgroups("0::/user.slice/session-3.scope\n", "31 23 0:28 / %s rw - cgroup2 cgroup2 rw\n");
        assertKills(4, false);
    }

    @Test
    void theFirstVersionsControllerWinsWhereBothAreMounted() throws IOException {
        Files.writeString(
                cgroup("slurm/uid_1/job_7").resolve("memory.oom_control"),
                "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        cgroups(
                "0::/\n5:cpu,cpuacct:/\n4:memory:/slurm/uid_1/job_7\n",
                "41 31 0:38 / /nowhere rw - cgroup2 cgroup2 rw\n"
                        + "34 31 0:31 / /no rw - cgroup cgroup rw,cpuset\n"
                        + "35 31 0:32 / %s rw shared:9 - cgroup cgroup rw,memory\n");
        assertKills(2, true);
    }

    @Test
    void aContainerSeesItsPartOfTheTree() throws IOException {
        Files.writeString(mount.resolve("memory.events"), EVENTS);
        cgroups("0::/docker/7f\n", "31 23 0:28 /docker/7f %s ro - cgroup2 cgroup rw\n");
        assertKills(4, true);
    }

    @Test
    void withoutACgroupTheNodeCounts() throws IOException {
        assertKills(30, false);
        cgroups("0::/\n", "31 23 0:28 / %s rw - cgroup2 cgroup2 rw\n");
        assertKills(30, false);
    }

    @Test
    void anOldKernelDoesNotCount() throws IOException {
        Files.writeString(proc.resolve("vmstat"), "pgfault 7\n");
        assertThat(MemoryKills.of(proc).count()).isEmpty();
    }
}
