package interchange.worker.process;

/** The first process of a job: leader of its session and group. What is said of it includes its descendants. */
public final class JobProcess {
    private final int pid;
    private final String token;
    private final long startedNanos;
    private final boolean warm;
    private volatile boolean terminated;
    private volatile boolean killed;
    // Written by the sampler alone.
    private volatile long peakMemoryKiB;
    private volatile int looks;

    /** @param warm whether it is a fork of a template */
    JobProcess(int pid, String token, long startedNanos, boolean warm) {
        this.pid = pid;
        this.token = token;
        this.startedNanos = startedNanos;
        this.warm = warm;
    }

    public int pid() {
        return pid;
    }

    String token() {
        return token;
    }

    /** By System.nanoTime. */
    long startedNanos() {
        return startedNanos;
    }

    public boolean isWarm() {
        return warm;
    }

    void terminated() {
        terminated = true;
    }

    void killed() {
        killed = true;
    }

    /** Whether it was told to end, and what comes from it still has time to do so. */
    boolean hasMercy() {
        return terminated && !killed;
    }

    /** 0: not seen yet. */
    public long peakMemoryKiB() {
        return peakMemoryKiB;
    }

    /** How often its memory was looked at. */
    int looks() {
        return looks;
    }

    void looked() {
        looks++;
    }

    void sawMemory(long kib) {
        peakMemoryKiB = Math.max(peakMemoryKiB, kib);
    }
}
