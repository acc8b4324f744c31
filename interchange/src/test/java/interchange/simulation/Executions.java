package interchange.simulation;

import interchange.core.AttemptId;
import interchange.core.JobId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The truth about what ran where, which no part of the product sees: it says when a promise is broken. */
final class Executions {
    private final Map<JobId, AttemptId> running = new HashMap<>();
    private final Map<JobId, Integer> failed = new HashMap<>();
    private final Map<JobId, Integer> deaths = new HashMap<>();
    private final Map<JobId, Integer> walltimes = new HashMap<>();
    private final Set<JobId> succeeded = new HashSet<>();
    private final Set<AttemptId> begun = new HashSet<>();
    private final java.util.function.Predicate<JobId> mayStart;
    private final java.util.function.Predicate<JobId> committed;
    private int count;

    /**
     * @param mayStart whether the parents of a job have succeeded, in truth
     * @param committed whether the journal has a success of the job
     */
    Executions(java.util.function.Predicate<JobId> mayStart, java.util.function.Predicate<JobId> committed) {
        this.mayStart = mayStart;
        this.committed = committed;
    }

    void begin(AttemptId attempt) {
        JobId job = attempt.jobId();
        require(!running.containsKey(job), "job " + job + " runs twice: " + running.get(job) + " and " + attempt);
        require(begun.add(attempt), "attempt " + attempt + " began twice");
        require(!committed.test(job), "job " + job + " has succeeded and runs again as " + attempt);
        require(mayStart.test(job), "job " + job + " began before its parents had succeeded");
        running.put(job, attempt);
        count++;
    }

    void end(AttemptId attempt) {
        require(running.remove(attempt.jobId(), attempt), "attempt " + attempt + " ended and was not running");
    }

    /** A worker died without explanation, and had begun this. */
    void blameDeath(JobId job) {
        deaths.merge(job, 1, Integer::sum);
    }

    /** The walltime of a block was over, and a worker of it had begun this. */
    void blameWalltime(JobId job) {
        walltimes.merge(job, 1, Integer::sum);
    }

    /** Whether a job that would have succeeded may be given up. */
    boolean mayBeGivenUp(JobId job) {
        return deaths.getOrDefault(job, 0) > 2 || walltimes.getOrDefault(job, 0) > 2;
    }

    /** The exit code of an attempt that came to its own end. */
    int exit(SimJob job) {
        int before = failed.getOrDefault(job.id(), 0);
        if (before < job.failures()) {
            failed.put(job.id(), before + 1);
            return job.exitCode();
        }
        succeeded.add(job.id());
        return 0;
    }

    boolean hasSucceeded(JobId job) {
        return succeeded.contains(job);
    }

    int running() {
        return running.size();
    }

    int count() {
        return count;
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new AssertionError(message);
        }
    }
}
