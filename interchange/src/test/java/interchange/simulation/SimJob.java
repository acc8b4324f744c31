package interchange.simulation;

import interchange.core.JobId;

/**
 * What a simulated job does when it runs.
 *
 * @param durationMillis virtual
 * @param failures how many times it fails before it succeeds; Integer.MAX_VALUE: always
 * @param exitCode that it fails with
 * @param hungry fails by running out of memory instead
 */
record SimJob(JobId id, long durationMillis, int failures, int exitCode, boolean hungry) {
    boolean hopeless() {
        return failures == Integer.MAX_VALUE;
    }
}
