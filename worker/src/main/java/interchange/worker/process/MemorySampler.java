package interchange.worker.process;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
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
    private static final byte[] PEAK = "VmHWM:".getBytes(StandardCharsets.US_ASCII);

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
        var sums = new HashMap<Integer, Long>();
        ProcessTable table = ProcessTable.read(buffer);
        for (ProcessStat stat : table.all()) {
            int root = stat.pid() == self ? 0 : table.root(stat, live);
            JobProcess job = live.get(root);
            if (job != null) {
                sums.merge(root, stat.residentPages() * pageKiB, Long::sum);
                job.sawMemory(ownPeakKiB(stat.pid()));
            }
        }
        sums.forEach((root, kib) -> {
            JobProcess job = live.get(root);
            if (job != null) {
                job.sawMemory(kib);
            }
        });
    }

    /** What one process had at most: it may have been between two looks. */
    private long ownPeakKiB(int pid) {
        int length = ProcessStat.readFile("/proc/" + pid + "/status", buffer);
        for (int at = 0; at + PEAK.length < length; at++) {
            if (buffer[at] == '\n' && isPeak(at + 1, length)) {
                return number(at + 1 + PEAK.length, length);
            }
        }
        return 0;
    }

    private boolean isPeak(int at, int length) {
        for (int i = 0; i < PEAK.length; i++) {
            if (at + i >= length || buffer[at + i] != PEAK[i]) {
                return false;
            }
        }
        return true;
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
