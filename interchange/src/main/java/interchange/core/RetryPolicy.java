package interchange.core;

import java.util.Set;

/**
 * When a job that failed is tried again.
 *
 * @param retries how many attempts may fail beyond the first
 * @param unlessExit exit codes that are final; a signal is always worth another try
 */
public record RetryPolicy(int retries, Set<Integer> unlessExit) {
    public RetryPolicy {
        unlessExit = Set.copyOf(unlessExit);
    }
}
