package interchange.worker.process;

/**
 * The end of a job's first process, told when nothing that came from it is left.
 *
 * @param signal 0: it exited by itself with exitCode
 * @param cpuMillis of it and its descendants: those that were waited for, and those that came to this process
 */
public record Ended(JobProcess process, int exitCode, int signal, long cpuMillis, long epochMillis) {
    /** With what its orphans took that have been reaped since. */
    Ended withOrphans() {
        long orphansMillis = process.orphansCpuMicros() / 1000;
        return orphansMillis == 0 ? this : new Ended(process, exitCode, signal, cpuMillis + orphansMillis, epochMillis);
    }
}
