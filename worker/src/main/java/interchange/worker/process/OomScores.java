package interchange.worker.process;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Has the kernel, when it must end something for want of memory, take a process of a job before the worker: to raise this
 * score of one's own processes needs no privilege. What is not raised yet is young, and mostly small. The sampler's.
 */
final class OomScores {
    /** Enough that any job comes before a worker, as if it had so many thousandths of all memory more. */
    private static final int RAISED_BY = 300;

    private static final int HIGHEST = 1000;
    private static final String FILE = "oom_score_adj";

    private final int own = read("self");
    private final byte[] raised =
            Integer.toString(Math.min(HIGHEST, own + RAISED_BY)).getBytes(StandardCharsets.US_ASCII);
    /** By process id, when each was started. */
    private Map<Integer, Long> done = new HashMap<>();

    /** Each process once: most of them come as children of one that is raised. */
    void raise(Collection<List<ProcessStat>> trees) {
        var next = new HashMap<Integer, Long>();
        for (List<ProcessStat> tree : trees) {
            for (ProcessStat stat : tree) {
                Long start = done.get(stat.pid());
                if (start == null || start != stat.startTicks()) {
                    raise(stat.pid());
                }
                next.put(stat.pid(), stat.startTicks());
            }
        }
        done = next;
    }

    /** One that has a score of its own keeps it. */
    void raise(int pid) {
        if (read(Integer.toString(pid)) != own) {
            return;
        }
        try (var file = new FileOutputStream("/proc/" + pid + '/' + FILE)) {
            file.write(raised);
        } catch (IOException e) {
            // It has ended meanwhile, or isn't ours any more.
        }
    }

    private static int read(String pid) {
        try {
            return Integer.parseInt(
                    Files.readString(Path.of("/proc", pid, FILE)).strip());
        } catch (IOException | NumberFormatException e) {
            return Integer.MIN_VALUE;
        }
    }
}
