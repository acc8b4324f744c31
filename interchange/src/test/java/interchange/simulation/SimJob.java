package interchange.simulation;

import interchange.core.JobId;

/**
 * What a simulated job does when it runs.
 *
 * @param durationMillis virtual
 * @param failures how many times it exits with 1 before it succeeds; Integer.MAX_VALUE: always
 */
record SimJob(JobId id, long durationMillis, int failures) {
    boolean hopeless() {
        return failures == Integer.MAX_VALUE;
    }
}
