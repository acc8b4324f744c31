package interchange.worker.process;

/**
 * The end of a job's first process, told when nothing that came from it is left.
 *
 * @param signal 0: it exited by itself with exitCode
 * @param cpuMillis of it and the descendants that were waited for
 */
public record Ended(JobProcess process, int exitCode, int signal, long cpuMillis, long epochMillis) {}
