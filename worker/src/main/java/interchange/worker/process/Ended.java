package interchange.worker.process;

/**
 * The end of a job's first process, told when nothing that came from it is left.
 *
 * @param signal 0: it exited by itself with exitCode
 * @param cpuMillis of it and its descendants: those that were waited for, and those that came to this process
 * @param outOfMemory whether the kernel says that it ended some of it for want of memory; false: it says nothing
 */
public record Ended(
        JobProcess process, int exitCode, int signal, long cpuMillis, long epochMillis, boolean outOfMemory) {
    private static final int MICROS_PER_MILLI = 1000;

    /** With what is known when nothing is left of it: what its orphans took, and its cgroup says. */
    Ended whole() {
        long millis = cpuMillis + process.orphansCpuMicros() / MICROS_PER_MILLI;
        return process.lastCgroup().map(own -> counted(millis, own.close())).orElseGet(() -> with(millis, false));
    }

    private Ended counted(long millis, JobCgroup.Count count) {
        process.sawMemory(count.peakKiB());
        return with(Math.max(millis, count.cpuMicros() / MICROS_PER_MILLI), count.killed());
    }

    private Ended with(long millis, boolean killed) {
        return new Ended(process, exitCode, signal, millis, epochMillis, killed);
    }
}
