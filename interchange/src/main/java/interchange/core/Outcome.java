package interchange.core;

/**
 * What a worker measured of an attempt that has ended.
 *
 * @param cause why it ended, as the worker sees it: ENDED, NOT_STARTED and NOT_RETURNED are the job's, the others ours
 * @param exitCode meaningful when signal is 0 and cause is ENDED
 * @param signal 0: none
 * @param message why it could not be started, or its outputs not be brought back; else empty
 * @param cpuMillis user and system time of the process and its waited-for children
 * @param peakMemoryMiB 0: too short to be seen
 * @param warm whether it was a fork of a process that had imported what it needs
 */
public record Outcome(
        Cause cause,
        int exitCode,
        int signal,
        String message,
        long startedEpochMillis,
        long endedEpochMillis,
        long cpuMillis,
        long peakMemoryMiB,
        boolean warm) {

    /** How the message of an attempt begins after which its job can't be given more memory. */
    public static final String NO_MORE_MEMORY = "it ran out of memory with ";

    /** As in the worker protocol. */
    public enum Cause {
        ENDED,
        NOT_STARTED,
        WALLTIME,
        KILLED,
        WORKER_LEFT,
        OUT_OF_MEMORY,
        /** It ended well, but its outputs could not be brought back. */
        NOT_RETURNED
    }

    public boolean succeeded() {
        return exited() && exitCode == 0;
    }

    /** Whether it ended by itself, with an exit code. */
    public boolean exited() {
        return cause == Cause.ENDED && signal == 0;
    }

    /** The same with another message. */
    Outcome saying(String other) {
        return new Outcome(
                cause, exitCode, signal, other, startedEpochMillis, endedEpochMillis, cpuMillis, peakMemoryMiB, warm);
    }

    /**
     * An end that no worker measured, such as that of a job whose worker died.
     *
     * @param startedEpochMillis 0: it was not seen to start
     */
    public static Outcome unseen(String message, long startedEpochMillis, long epochMillis) {
        return new Outcome(Cause.WORKER_LEFT, 0, 0, message, startedEpochMillis, epochMillis, 0, 0, false);
    }
}
