package interchange.worker.process;

import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All processes of the node at one moment, as far as /proc can be read at one moment. */
final class ProcessTable {
    private static final File PROC = new File("/proc");
    private static final int INIT = 1;

    private final Map<Integer, ProcessStat> stats;

    private ProcessTable(Map<Integer, ProcessStat> stats) {
        this.stats = stats;
    }

    static ProcessTable read(byte[] buffer) {
        var stats = new HashMap<Integer, ProcessStat>();
        for (int pid : pids()) {
            ProcessStat.read(pid, buffer).ifPresent(stat -> stats.put(pid, stat));
        }
        return new ProcessTable(stats);
    }

    static List<Integer> childrenOf(int parent, byte[] buffer) {
        return read(buffer).stats.values().stream()
                .filter(stat -> stat.parent() == parent)
                .map(ProcessStat::pid)
                .toList();
    }

    private static List<Integer> pids() {
        var pids = new ArrayList<Integer>();
        String[] names = PROC.list();
        for (String name : names == null ? new String[0] : names) {
            if (Character.isDigit(name.charAt(0))) {
                pids.add(Integer.parseInt(name));
            }
        }
        return pids;
    }

    Iterable<ProcessStat> all() {
        return stats.values();
    }

    /** Those that descend from the given first processes and are not in their groups. */
    List<ProcessStat> outsideTheGroupsOf(Map<Integer, JobProcess> roots) {
        return stats.values().stream()
                .filter(stat -> {
                    int root = root(stat, roots);
                    return root != 0 && stat.group() != root;
                })
                .toList();
    }

    /** Which of the given first processes this one descends from; by session where the line is broken. 0: none. */
    int root(ProcessStat process, Map<Integer, JobProcess> roots) {
        ProcessStat at = process;
        while (at != null && at.pid() != INIT) {
            if (roots.containsKey(at.pid())) {
                return at.pid();
            }
            if (roots.containsKey(at.session())) {
                return at.session();
            }
            at = stats.get(at.parent());
        }
        return 0;
    }
}
