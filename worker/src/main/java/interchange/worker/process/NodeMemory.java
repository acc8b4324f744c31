package interchange.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How much memory is left where jobs run: of the node, and of each cgroup around this process that has a limit. */
public final class NodeMemory {
    private static final int FILE_BYTES = 16 * 1024;
    private static final long UNLIMITED = Long.MAX_VALUE;
    private static final byte[] TOTAL = "MemTotal:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AVAILABLE = "\nMemAvailable:".getBytes(StandardCharsets.US_ASCII);

    private final Path meminfo;
    private final List<Limited> cgroups;
    private final byte[] buffer = new byte[FILE_BYTES];

    /**
     * A cgroup of which processes may have so much and no more, by the names that its version has for things.
     *
     * @param inactive what the kernel gives up first
     */
    private record Limited(Path limit, Path usage, Path statistics, byte[] inactive, byte[] active) {
        static Limited of(Path killsFile) {
            Path directory = Optional.ofNullable(killsFile.getParent()).orElseThrow();
            return killsFile.endsWith("memory.events")
                    ? of(directory, "memory.max", "memory.current", "")
                    : of(directory, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_");
        }

        private static Limited of(Path directory, String limit, String usage, String prefix) {
            return new Limited(
                    directory.resolve(limit),
                    directory.resolve(usage),
                    directory.resolve("memory.stat"),
                    ('\n' + prefix + "inactive_file ").getBytes(StandardCharsets.US_ASCII),
                    ('\n' + prefix + "active_file ").getBytes(StandardCharsets.US_ASCII));
        }
    }

    private NodeMemory(Path meminfo, List<Limited> cgroups) {
        this.meminfo = meminfo;
        this.cgroups = List.copyOf(cgroups);
    }

    public static NodeMemory ofThisProcess() {
        return of(Path.of("/proc"));
    }

    /** @param proc where the kernel tells about itself */
    static NodeMemory of(Path proc) {
        Path meminfo = proc.resolve("meminfo");
        var limited = new ArrayList<Limited>();
        try {
            List<String> cgroups = Files.readAllLines(proc.resolve("self/cgroup"));
            List<String> mounts = Files.readAllLines(proc.resolve("self/mountinfo"));
            MemoryCgroup.filesOf(cgroups, mounts).stream()
                    .map(file -> Limited.of(file.file()))
                    .filter(cgroup -> Files.isReadable(cgroup.limit()))
                    .forEach(limited::add);
        } catch (IOException e) {
            // A kernel without cgroups.
        }
        return new NodeMemory(meminfo, limited);
    }

    /** Where least is left. Empty: the kernel doesn't say. */
    public Optional<MemoryLook> now() {
        Optional<MemoryLook> node = node();
        long totalKiB = node.map(MemoryLook::totalKiB).orElse(UNLIMITED);
        return Stream.concat(
                        node.stream(),
                        cgroups.stream().map(cgroup -> look(cgroup, totalKiB)).flatMap(Optional::stream))
                .min(Comparator.comparingLong(MemoryLook::spareKiB));
    }

    private Optional<MemoryLook> node() {
        int length = ProcessStat.readFile(meminfo.toString(), buffer);
        int total = Lines.after(TOTAL, buffer, length);
        int available = Lines.after(AVAILABLE, buffer, length);
        return total < 0 || available < 0
                ? Optional.empty()
                : Optional.of(
                        new MemoryLook(Lines.number(available, buffer, length), Lines.number(total, buffer, length)));
    }

    /** @param nodeKiB a limit that is no lower is none */
    private Optional<MemoryLook> look(Limited cgroup, long nodeKiB) {
        long limitKiB = number(cgroup.limit()) / 1024;
        if (limitKiB <= 0 || limitKiB >= nodeKiB) {
            return Optional.empty();
        }
        long usedKiB = number(cgroup.usage()) / 1024;
        int length = ProcessStat.readFile(cgroup.statistics().toString(), buffer);
        // As the kernel itself reckons what is available: half of what was used lately.
        long reclaimable = value(cgroup.inactive(), length) + value(cgroup.active(), length) / 2;
        return Optional.of(new MemoryLook(limitKiB - usedKiB + reclaimable / 1024, limitKiB));
    }

    private long value(byte[] label, int length) {
        int at = Lines.after(label, buffer, length);
        return at < 0 ? 0 : Lines.number(at, buffer, length);
    }

    /** 0: there is none, as in {@code max}. */
    private long number(Path file) {
        int length = ProcessStat.readFile(file.toString(), buffer);
        return Lines.number(0, buffer, length);
    }
}
