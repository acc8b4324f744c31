package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against files as kernels write them. */
class NodeMemoryTest {
    private static final long GIB = 1 << 20;

    @TempDir
    Path directory;

    private Path proc = Path.of("");

    @BeforeEach
    void makeNode() throws IOException {
        proc = directory.resolve("proc");
        write(proc.resolve("meminfo"), """
                MemTotal:       16777216 kB
                MemFree:         1000000 kB
                MemAvailable:    8388608 kB
                """);
        cgroups("0::/\n", "cgroup2 cgroup2 rw");
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void cgroups(String own, String mounted) throws IOException {
        write(proc.resolve("self/cgroup"), own);
        write(
                proc.resolve("self/mountinfo"),
                "31 23 0:28 / " + directory.resolve("cgroup") + " rw - " + mounted + "\n");
    }

    private MemoryLook now() {
        return NodeMemory.of(proc).now().orElseThrow();
    }

    @Test
    void withoutLimitsItIsTheNodes() {
        assertThat(now()).isEqualTo(new MemoryLook(8 * GIB, 16 * GIB));
        assertThat(now().isGettingShort()).isFalse();
    }

    @Test
    void aCgroupThatHasLessLeftIsWhatCounts() throws IOException {
        cgroups("0::/job/step\n", "cgroup2 cgroup2 rw");
        Path job = directory.resolve("cgroup/job");
        write(job.resolve("memory.max"), (4L << 30) + "\n");
        write(job.resolve("memory.current"), (4L << 30) + "\n");
        write(job.resolve("memory.stat"), "anon 1\ninactive_file 104857600\nactive_file 104857600\n");
        write(job.resolve("step/memory.max"), "max\n");
        write(job.resolve("step/memory.current"), "1000\n");

        assertThat(now()).isEqualTo(new MemoryLook(150 << 10, 4 * GIB));
        assertThat(now().isShort()).isTrue();
    }

    @Test
    void soIsOneOfTheFirstVersion() throws IOException {
        cgroups("4:memory:/job\n", "cgroup cgroup rw,memory");
        Path job = directory.resolve("cgroup/job");
        write(job.resolve("memory.limit_in_bytes"), (2L << 30) + "\n");
        write(job.resolve("memory.usage_in_bytes"), (1L << 30) + "\n");
        write(job.resolve("memory.stat"), "cache 1\ntotal_inactive_file 1024\ntotal_active_file 2048\n");

        assertThat(now()).isEqualTo(new MemoryLook(GIB + 2, 2 * GIB));
        write(job.resolve("memory.limit_in_bytes"), "9223372036854771712\n");
        assertThat(now().totalKiB()).isEqualTo(16 * GIB);
    }

    @Test
    void aSmallOneIsNotShortOfWhatItNeverHad() {
        assertThat(new MemoryLook(110 << 10, GIB).isShort()).isFalse();
        assertThat(new MemoryLook(90 << 10, GIB).isShort()).isTrue();
        assertThat(new MemoryLook(250 << 10, 4 * GIB).isShort()).isTrue();
        assertThat(new MemoryLook(9 * GIB, 512 * GIB).isShort()).isTrue();
    }
}
