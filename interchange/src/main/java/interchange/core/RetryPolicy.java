package interchange.core;

import java.util.Set;

/**
 * What follows when a job fails.
 *
 * @param retries how many attempts may fail beyond the first
 * @param unlessExit exit codes that are final; a signal is always worth another try
 * @param memoryMultiplier by which its memory grows when it ran out of it; at most 1: it does not grow
 * @param memoryMaxMiB the most that it grows to; 0: what the site's workers have
 * @param abortOnExit the exit code upon which its whole run ends; negative: none
 * @param abortReturn 0 if the run counts as a success then
 */
public record RetryPolicy(
        int retries,
        Set<Integer> unlessExit,
        double memoryMultiplier,
        int memoryMaxMiB,
        int abortOnExit,
        int abortReturn) {
    public static final int NO_ABORT = -1;

    public RetryPolicy {
        unlessExit = Set.copyOf(unlessExit);
    }

    public RetryPolicy(int retries, Set<Integer> unlessExit) {
        this(retries, unlessExit, 0, 0, NO_ABORT, 0);
    }

    boolean memoryGrows() {
        return memoryMultiplier > 1;
    }

    boolean aborts(int exitCode) {
        return abortOnExit != NO_ABORT && abortOnExit == exitCode;
    }
}
