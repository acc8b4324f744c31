package interchange.worker.process;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks at the memory of running jobs once a second, on a thread of its own. The peak that wait4 tells can't be used: it
 * includes the size of this JVM at the spawn.
 */
public final class MemorySampler {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** On a node with very many processes it looks less often, so that it takes at most a fiftieth of one core. */
    private static final int PERIOD_OVER_COST = 50;
    /** Younger ones are not looked for: a stream of short jobs should not pay for this. */
    private static final long YOUNG_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private static final int BUFFER_BYTES = 8192;
    /** Asking for it walks all pages of a process, so it is not done at every look. */
    private static final int LOOKS_PER_SHARE = 5;

    private static final byte[] PEAK = "VmHWM:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SHARE = "Pss:".getBytes(StandardCharsets.US_ASCII);
    private static final long UNREADABLE = -1;

    private final Reaper reaper;
    private final int self = Libc.processId();
    private final int pageKiB = Libc.pageBytes() / 1024;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private MemorySampler(Reaper reaper) {
        this.reaper = reaper;
    }

    public static void start(Reaper reaper) {
        var sampler = new MemorySampler(reaper);
        Thread.ofPlatform().name("sampler").daemon().start(sampler::run);
    }

    private void run() {
        while (true) {
            long before = System.nanoTime();
            if (isWorthwhile(before)) {
                sample();
            }
            long cost = System.nanoTime() - before;
            LockSupport.parkNanos(Math.max(PERIOD_NANOS, PERIOD_OVER_COST * cost));
        }
    }

    private boolean isWorthwhile(long now) {
        return reaper.live().values().stream().anyMatch(process -> now - process.startedNanos() > YOUNG_NANOS);
    }

    private void sample() {
        Map<Integer, JobProcess> live = Map.copyOf(reaper.live());
        var trees = new HashMap<JobProcess, List<ProcessStat>>();
        ProcessTable table = ProcessTable.read(buffer);
        for (ProcessStat stat : table.all()) {
            int root = stat.pid() == self ? 0 : table.root(stat, live);
            JobProcess job = live.get(root);
            if (job != null) {
                trees.computeIfAbsent(job, one -> new ArrayList<>()).add(stat);
                // What one process had at most may have been between two looks.
                job.sawMemory(value("status", PEAK, stat.pid()));
            }
        }
        trees.forEach((job, tree) -> {
            if (tree.size() > 1 && job.looks() % LOOKS_PER_SHARE == 0) {
                job.sawMemory(tree.stream().mapToLong(this::shareKiB).sum());
            }
            job.looked();
        });
    }

    /** Its part of what is in memory: pages that forked processes share would else be counted many times. */
    private long shareKiB(ProcessStat stat) {
        long share = value("smaps_rollup", SHARE, stat.pid());
        return share == UNREADABLE ? stat.residentPages() * pageKiB : share;
    }

    /** From a file of lines like {@code VmHWM:   1234 kB}. */
    private long value(String file, byte[] label, int pid) {
        int length = ProcessStat.readFile("/proc/" + pid + '/' + file, buffer);
        for (int at = 0; at + label.length < length; at++) {
            int from = at + 1;
            if (buffer[at] == '\n' && Arrays.equals(buffer, from, from + label.length, label, 0, label.length)) {
                return number(from + label.length, length);
            }
        }
        return UNREADABLE;
    }

    private long number(int at, int length) {
        long value = 0;
        for (int i = at; i < length && buffer[i] != '\n'; i++) {
            if (Character.isDigit(buffer[i])) {
                value = value * 10 + (buffer[i] - '0');
            }
        }
        return value;
    }
}
