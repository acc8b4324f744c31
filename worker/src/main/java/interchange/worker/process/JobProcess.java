package interchange.worker.process;

import java.util.Optional;
import java.util.OptionalLong;

/** The first process of a job: leader of its session and group. What is said of it includes its descendants. */
public final class JobProcess {
    /** Of what it asks for: not yet, or never, as it is no job. */
    static final long NOT_SAID = -1;

    private final int pid;
    private final String token;
    private final long startedNanos;
    private final long mark;
    private final boolean warm;
    private volatile boolean terminated;
    private volatile boolean killed;
    // Written by the sampler alone.
    private volatile long peakMemoryKiB;
    private volatile int looks;
    private volatile long memoryKiB;
    private int youngLooks;
    // Written by the loop just after its start.
    private volatile long requestKiB = NOT_SAID;
    private Optional<JobCgroup> cgroup = Optional.empty();
    private boolean over;
    // The reaper's.
    private long orphansCpuMicros;

    /**
     * @param mark see {@link JobMark}
     * @param warm whether it is a fork of a template
     */
    JobProcess(int pid, String token, long startedNanos, long mark, boolean warm) {
        this.pid = pid;
        this.token = token;
        this.startedNanos = startedNanos;
        this.mark = mark;
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

    /** Of which jobs are forks; it is none itself. */
    boolean isTemplate() {
        return token.contains(Launch.TEMPLATE);
    }

    public boolean isWarm() {
        return warm;
    }

    boolean hasMark(OptionalLong one) {
        return one.isPresent() && one.getAsLong() == mark;
    }

    /** False: its end has been told, and nobody will remove the cgroup. */
    synchronized boolean isIn(JobCgroup own) {
        if (!over) {
            cgroup = Optional.of(own);
        }
        return !over;
    }

    /** Whether its end has been told. */
    synchronized boolean isOver() {
        return over;
    }

    /** At its end, once. */
    synchronized Optional<JobCgroup> lastCgroup() {
        over = true;
        return cgroup;
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

    /** From the sampler and the reaper. */
    synchronized void sawMemory(long kib) {
        peakMemoryKiB = Math.max(peakMemoryKiB, kib);
    }

    /** How often it was looked at while it was young; the sampler's. */
    int youngLooks() {
        return youngLooks;
    }

    void youngLooked() {
        youngLooks++;
    }

    /**
     * What all of it had at the last look: where it is over its request, of pages that processes share each one's part. Never
     * more than the peak, so that what asks for as much as was reported of it is not over.
     */
    public long memoryKiB() {
        return memoryKiB;
    }

    void hasMemory(long kib) {
        memoryKiB = kib;
    }

    /** What it asked for; 0: for nothing. Up to this, a rough look at its memory is enough. */
    public void asksFor(long kib) {
        requestKiB = kib;
    }

    long requestKiB() {
        return requestKiB;
    }

    /** What came from it, lost its parent and was waited for by this process took so much. */
    void orphanTook(Usage usage) {
        orphansCpuMicros += usage.cpuMicros();
        sawMemory(usage.peakKiB());
    }

    long orphansCpuMicros() {
        return orphansCpuMicros;
    }
}
