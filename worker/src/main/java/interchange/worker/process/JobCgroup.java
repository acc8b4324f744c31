package interchange.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The cgroup (version 2) of one job. The reaper's. */
final class JobCgroup {
    private static final int FILE_BYTES = 16 * 1024;
    private static final byte[] FIRST = {};
    private static final byte[] CPU = label("usage_usec ");
    private static final byte[] OOM_KILLS = label("\noom_kill ");
    private static final byte[] FILES = label("\nfile ");
    private static final byte[] SHARED = label("\nshmem ");
    private static final int BYTES_PER_KIB = 1024;

    private final Path directory;

    /**
     * What the kernel counted.
     *
     * @param peakKiB without the files that it read and wrote, which are in memory while nobody else wants that
     * @param killed whether the kernel ended some of it for want of memory
     */
    record Count(long cpuMicros, long peakKiB, boolean killed) {}

    JobCgroup(Path directory) {
        this.directory = directory;
    }

    private static byte[] label(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Ends what may still be in it, and removes it. */
    Count close() {
        var buffer = new byte[FILE_BYTES];
        if (ProcessStat.readFile(file("cgroup.procs"), buffer) > 0) {
            killAll();
        }
        long cpuMicros = value("cpu.stat", CPU, buffer);
        boolean killed = value("memory.events", OOM_KILLS, buffer) > 0;
        long peak = value("memory.peak", FIRST, buffer);
        // What was kept of files at the end was not more before, unless memory was short.
        long files = value("memory.stat", FILES, buffer) - value("memory.stat", SHARED, buffer);
        remove();
        return new Count(cpuMicros, Math.max(0, peak - Math.max(0, files)) / BYTES_PER_KIB, killed);
    }

    private void killAll() {
        try {
            JobCgroups.write(directory.resolve("cgroup.kill"), "1");
        } catch (IOException e) {
            // A kernel before 5.14: what is left is the reaper's.
        }
    }

    private void remove() {
        try {
            Files.delete(directory);
        } catch (IOException e) {
            // Something of it has not ended yet: the next worker here removes it.
        }
    }

    private long value(String name, byte[] label, byte[] buffer) {
        int length = ProcessStat.readFile(file(name), buffer);
        int at = Lines.after(label, buffer, length);
        return at < 0 ? 0 : Lines.number(at, buffer, length);
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }
}
