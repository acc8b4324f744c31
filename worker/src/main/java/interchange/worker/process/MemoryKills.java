package interchange.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How many processes the kernel has killed for want of memory where jobs run: the evidence that a job that ended by
 * SIGKILL ran out of memory. Batch systems that limit memory do it by cgroups, so theirs are counted as well.
 */
public interface MemoryKills {
    /** Since whenever: only its growth says something. Empty: it can't be known now. */
    OptionalLong count();

    /** Whether those of the worker's cgroup alone are counted (a job or a session), and not others on its node. */
    boolean onlyOurs();

    /** In the memory cgroup of this process; where it has none, or an old kernel, on the node. */
    static MemoryKills ofThisProcess() {
        return of(Path.of("/proc"));
    }

    /** @param proc where the kernel tells about itself */
    static MemoryKills of(Path proc) {
        try {
            List<String> cgroups = Files.readAllLines(proc.resolve("self/cgroup"));
            List<String> mounts = Files.readAllLines(proc.resolve("self/mountinfo"));
            for (KillsFile file : MemoryCgroup.filesOf(cgroups, mounts)) {
                if (file.count().isPresent()) {
                    return file;
                }
            }
        } catch (IOException e) {
            // A kernel without cgroups.
        }
        return new KillsFile(proc.resolve("vmstat"), false);
    }

    /**
     * The line {@code oom_kill N}, as memory.events (version 2), memory.oom_control (version 1) and /proc/vmstat have it.
     */
    record KillsFile(Path file, boolean onlyOurs) implements MemoryKills {
        private static final String LABEL = "oom_kill ";

        @Override
        public OptionalLong count() {
            try {
                return number(Files.readString(file, StandardCharsets.US_ASCII));
            } catch (IOException e) {
                return OptionalLong.empty();
            }
        }

        private static OptionalLong number(String text) {
            Optional<String> line =
                    text.lines().filter(some -> some.startsWith(LABEL)).findFirst();
            try {
                return line.isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(Long.parseLong(
                                line.get().substring(LABEL.length()).strip()));
            } catch (NumberFormatException e) {
                return OptionalLong.empty();
            }
        }
    }
}
