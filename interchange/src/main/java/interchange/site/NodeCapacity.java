package interchange.site;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What one machine can give to jobs. */
public record NodeCapacity(int cores, int memoryMiB) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    /** Limits of a container, in the two layouts there are. */
    private static final Path[] LIMITS = {
        Path.of("/sys/fs/cgroup/memory.max"), Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    };

    /** This machine, or the container that this process is in. */
    public static NodeCapacity ofThisMachine() {
        return new NodeCapacity(Runtime.getRuntime().availableProcessors(), memoryMiBOfThisMachine());
    }

    /** A share of it, at least one core. */
    NodeCapacity dividedBy(long parts) {
        return new NodeCapacity((int) Math.max(1, cores / parts), (int) Math.max(1, memoryMiB / parts));
    }

    private static int memoryMiBOfThisMachine() {
        long bytes = totalBytes();
        for (Path limit : LIMITS) {
            bytes = Math.min(bytes, number(limit).orElse(Long.MAX_VALUE));
        }
        return Math.clamp(bytes >> 20, 1, Integer.MAX_VALUE);
    }

    private static long totalBytes() {
        try {
            for (String line : Files.readAllLines(MEMINFO, StandardCharsets.US_ASCII)) {
                if (line.startsWith("MemTotal:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
        } catch (IOException unreadable) {
            // Not Linux, or a strange container: below.
        }
        throw new IllegalStateException(
                "this machine does not say how much memory it has (" + MEMINFO + "); give the site its `memory`");
    }

    private static OptionalLong number(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.US_ASCII).strip();
            return text.matches("[0-9]{1,18}") ? OptionalLong.of(Long.parseLong(text)) : OptionalLong.empty();
        } catch (IOException absent) {
            return OptionalLong.empty();
        }
    }
}
