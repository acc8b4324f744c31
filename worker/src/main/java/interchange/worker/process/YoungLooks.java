package interchange.worker.process;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the first processes of jobs that may be over before all are looked at, at ages that double. It costs by how many
 * run, and not by how many are started. The sampler's.
 */
final class YoungLooks {
    private static final long FIRST_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long YOUNG_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int BUFFER_BYTES = 8192;
    private static final byte[] PEAK = "\nVmHWM:".getBytes(StandardCharsets.US_ASCII);

    private final Reaper reaper;
    private final OomScores scores;
    private final Optional<JobCgroups> cgroups;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    YoungLooks(Reaper reaper, OomScores scores, Optional<JobCgroups> cgroups) {
        this.reaper = reaper;
        this.scores = scores;
        this.cgroups = cgroups;
    }

    boolean areThere(long now) {
        for (JobProcess process : reaper.live().values()) {
            if (now - process.startedNanos() < YOUNG_NANOS) {
                return true;
            }
        }
        return false;
    }

    void look(long now) {
        for (JobProcess process : reaper.live().values()) {
            long age = now - process.startedNanos();
            if (age < YOUNG_NANOS && age >= FIRST_AGE_NANOS << process.youngLooks()) {
                look(process);
            }
        }
    }

    private void look(JobProcess process) {
        process.sawMemory(peakKiB(process.pid(), buffer));
        if (process.youngLooks() == 0) {
            scores.raise(process.pid());
            // Not a template's: its forks would begin there, and die with it.
            cgroups.filter(_ -> !process.isTemplate()).ifPresent(all -> all.take(process));
        }
        process.youngLooked();
    }

    /** What a process had at most until now; 0: it has ended. */
    static long peakKiB(int pid, byte[] buffer) {
        int length = ProcessStat.readFile("/proc/" + pid + "/status", buffer);
        int at = Lines.after(PEAK, buffer, length);
        return at < 0 ? 0 : Lines.number(at, buffer, length);
    }
}
