package interchange.worker.process;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Looks at all that jobs consist of. The sampler's. */
final class TreeLooks {
    private static final int BUFFER_BYTES = 8192;
    /** Asking for it walks all pages of a process, so it is not done at every look. */
    private static final int LOOKS_PER_SHARE = 5;

    private static final byte[] SHARE = "\nPss:".getBytes(StandardCharsets.US_ASCII);

    private final Reaper reaper;
    private final OomScores scores;
    private final int self = Libc.processId();
    private final int pageKiB = Libc.pageBytes() / 1024;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    TreeLooks(Reaper reaper, OomScores scores) {
        this.reaper = reaper;
        this.scores = scores;
    }

    /** @param closely also at what need not be known while there is memory enough */
    void look(boolean closely) {
        Map<Integer, JobProcess> live = Map.copyOf(reaper.live());
        var trees = new HashMap<JobProcess, List<ProcessStat>>();
        ProcessTable table = ProcessTable.read(buffer);
        for (ProcessStat stat : table.all()) {
            int root = stat.pid() == self ? 0 : table.root(stat, live);
            JobProcess job = live.get(root);
            if (job != null) {
                trees.computeIfAbsent(job, one -> new ArrayList<>()).add(stat);
                // What one process had at most may have been between two looks.
                job.sawMemory(YoungLooks.peakKiB(stat.pid(), buffer));
            }
        }
        scores.raise(trees.values());
        trees.forEach((job, tree) -> look(job, tree, closely));
    }

    private void look(JobProcess job, List<ProcessStat> tree, boolean closely) {
        long requestKiB = job.requestKiB();
        long kib =
                tree.stream().mapToLong(stat -> stat.residentPages() * pageKiB).sum();
        boolean isJudged = requestKiB != JobProcess.NOT_SAID;
        boolean over = isJudged && kib > requestKiB && (closely || requestKiB > 0);
        boolean due = tree.size() > 1 && job.looks() % LOOKS_PER_SHARE == 0;
        // What a fork shares with its template and with others is not to be held against each of them.
        if (due || (over && (tree.size() > 1 || job.isWarm()))) {
            kib = tree.stream().mapToLong(this::shareKiB).sum();
            job.sawMemory(kib);
        }
        // Before that it could be judged by a rough look that was taken for want of a request.
        if (isJudged) {
            job.hasMemory(kib);
        }
        job.looked();
    }

    /** Its part of what is in memory: pages that forked processes share would else be counted many times. */
    private long shareKiB(ProcessStat stat) {
        int length = ProcessStat.readFile("/proc/" + stat.pid() + "/smaps_rollup", buffer);
        int at = Lines.after(SHARE, buffer, length);
        return at < 0 ? stat.residentPages() * pageKiB : Lines.number(at, buffer, length);
    }
}
