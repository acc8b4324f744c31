package interchange.journal;

import interchange.core.AttemptEnd;

/** What the jobs of one label took, and what they asked for; of one run, over all its generations. */
public final class LabelUsage {
    private final String label;
    private final Histogram wallMillis = new Histogram();
    private final Histogram cpuMillis = new Histogram();
    private final Histogram peakMemoryMiB = new Histogram();
    private long jobs;
    private long attempts;
    private long warm;
    private long lostMillis;
    private long outOfMemory;
    private long walltimeOver;
    private long overMemory;
    private int cpus;
    private int memoryMiB;
    private int leastMemoryMiB = Integer.MAX_VALUE;
    private int walltimeSeconds;

    LabelUsage(String label) {
        this.label = label;
    }

    /** A job of which an attempt has ended, with what it asks for. */
    void job(int itsCpus, int itsMemoryMiB, int itsWalltimeSeconds) {
        jobs++;
        cpus = Math.max(cpus, itsCpus);
        memoryMiB = Math.max(memoryMiB, itsMemoryMiB);
        leastMemoryMiB = Math.min(leastMemoryMiB, itsMemoryMiB);
        walltimeSeconds = Math.max(walltimeSeconds, itsWalltimeSeconds);
    }

    /** @param askedMiB 0: for none, which nothing is more than */
    void attempt(
            AttemptEnd end,
            boolean startedWarm,
            long tookMillis,
            long itsCpuMillis,
            long itsPeakMemoryMiB,
            long askedMiB) {
        attempts++;
        warm += startedWarm ? 1 : 0;
        if (end != AttemptEnd.SUCCEEDED) {
            lostMillis += tookMillis;
            outOfMemory += end == AttemptEnd.OUT_OF_MEMORY ? 1 : 0;
            walltimeOver += end == AttemptEnd.WALLTIME ? 1 : 0;
            return;
        }
        wallMillis.add(tookMillis);
        cpuMillis.add(itsCpuMillis);
        if (itsPeakMemoryMiB > 0) {
            peakMemoryMiB.add(itsPeakMemoryMiB);
        }
        overMemory += askedMiB > 0 && itsPeakMemoryMiB > askedMiB ? 1 : 0;
    }

    public String label() {
        return label;
    }

    /** Of attempts that succeeded, as are the next two. */
    public Histogram wallMillis() {
        return wallMillis;
    }

    public Histogram cpuMillis() {
        return cpuMillis;
    }

    /** Without those that were too short to be measured. */
    public Histogram peakMemoryMiB() {
        return peakMemoryMiB;
    }

    /** Those of which an attempt has ended. */
    public long jobs() {
        return jobs;
    }

    /** Those that have ended, without what was taken back before it started. */
    public long attempts() {
        return attempts;
    }

    /** Of these, those that were forks of a process that had imported what they need. */
    public long warm() {
        return warm;
    }

    /** That attempts took which did not succeed. */
    public long lostMillis() {
        return lostMillis;
    }

    public long outOfMemory() {
        return outOfMemory;
    }

    public long walltimeOver() {
        return walltimeOver;
    }

    /** Attempts that succeeded with more than was asked for at first. */
    public long overMemory() {
        return overMemory;
    }

    /** The most that a job asks for, as are the next; memory: at first. */
    public int cpus() {
        return cpus;
    }

    public int memoryMiB() {
        return memoryMiB;
    }

    public int leastMemoryMiB() {
        return leastMemoryMiB;
    }

    public int walltimeSeconds() {
        return walltimeSeconds;
    }
}
