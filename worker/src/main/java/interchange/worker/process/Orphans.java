package interchange.worker.process;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.StringTokenizer;

/**
 * Processes that have lost their parent and come to this one. The kernel gives them to its first thread, which starts
 * none itself, so that thread's list of children is nearly always empty and one short read says so.
 */
final class Orphans {
    private static final int LIST_BYTES = 64 * 1024;

    private final int self = Libc.processId();
    private final byte[] buffer = new byte[LIST_BYTES];
    /** Which attempt an orphan came from; not in here while that isn't known. */
    private final Map<Integer, String> tokens = new HashMap<>();

    private final Optional<RandomAccessFile> list;

    Orphans() {
        list = openList();
    }

    private Optional<RandomAccessFile> openList() {
        try {
            return Optional.of(new RandomAccessFile("/proc/self/task/" + self + "/children", "r"));
        } catch (FileNotFoundException e) {
            return Optional.empty(); // A kernel without CONFIG_PROC_CHILDREN.
        }
    }

    /** Kills what is left of jobs that have ended, if it has no time left, and says which of them still had something. */
    Set<JobProcess> killThoseOf(List<Ended> ended, Map<Integer, JobProcess> live) {
        List<Integer> pids = present(live);
        if (pids.isEmpty()) {
            return Set.of();
        }
        var dirty = new HashSet<JobProcess>();
        for (int pid : pids) {
            ProcessStat.read(pid, buffer).ifPresent(stat -> judge(stat, ended, live, dirty));
        }
        return dirty;
    }

    void forget(int pid) {
        if (!tokens.isEmpty()) {
            tokens.remove(pid);
        }
    }

    private void judge(ProcessStat orphan, List<Ended> ended, Map<Integer, JobProcess> live, Set<JobProcess> dirty) {
        if (live.containsKey(orphan.session())) {
            return;
        }
        String token = tokenOf(orphan.pid());
        // Where the environment was emptied or written over.
        OptionalLong mark = token.isEmpty() ? JobMark.of(orphan.pid(), buffer) : OptionalLong.empty();
        if (live.values().stream().anyMatch(process -> process.hasMark(mark))) {
            return;
        }
        for (Ended end : ended) {
            if (orphan.session() == end.process().pid()
                    || end.process().hasMark(mark)
                    || token.equals(end.process().token())) {
                if (live.containsKey(orphan.pid())) {
                    return; // A fork of a template that has just become a job.
                }
                dirty.add(end.process());
                if (!end.process().hasMercy()) {
                    Libc.kill(orphan.pid(), Libc.SIGNAL_KILL);
                }
                return;
            }
        }
        if (token.isEmpty()) {
            judgeNameless(orphan, ended, live, dirty);
        } else if (live.values().stream().noneMatch(process -> token.equals(process.token()))) {
            Libc.kill(orphan.pid(), Libc.SIGNAL_KILL);
        }
    }

    /** One that says nothing, and has no mark of ours, may be a running job's, or one's that has still time to end; else it is a leftover. */
    private static void judgeNameless(
            ProcessStat orphan, List<Ended> ended, Map<Integer, JobProcess> live, Set<JobProcess> dirty) {
        if (!live.isEmpty()) {
            return;
        }
        List<JobProcess> ending =
                ended.stream().map(Ended::process).filter(JobProcess::hasMercy).toList();
        dirty.addAll(ending);
        if (ending.isEmpty()) {
            Libc.kill(orphan.pid(), Libc.SIGNAL_KILL);
        }
    }

    private String tokenOf(int pid) {
        String known = tokens.get(pid);
        if (known != null) {
            return known;
        }
        String token = ProcessStat.attemptToken(pid);
        if (!token.isEmpty()) {
            tokens.put(pid, token);
        }
        return token;
    }

    private List<Integer> present(Map<Integer, JobProcess> live) {
        if (list.isEmpty()) {
            return ProcessTable.childrenOf(self, buffer).stream()
                    .filter(pid -> !live.containsKey(pid))
                    .toList();
        }
        try {
            list.get().seek(0);
            int length = list.get().read(buffer);
            return length <= 0 ? List.of() : numbers(length, live);
        } catch (IOException e) {
            throw new IllegalStateException("can't list orphans", e);
        }
    }

    private List<Integer> numbers(int length, Map<Integer, JobProcess> live) {
        var pids = new ArrayList<Integer>();
        var words = new StringTokenizer(new String(buffer, 0, length, StandardCharsets.US_ASCII));
        while (words.hasMoreTokens()) {
            int pid = Integer.parseInt(words.nextToken());
            if (!live.containsKey(pid)) {
                pids.add(pid);
            }
        }
        return pids;
    }
}
