package interchange.core;

import java.util.List;
import java.util.Optional;

/** A durable change. All of one turn are written in one transaction, before any of its effects. */
public sealed interface Change {

    /** The staged run is visible from now on. */
    record RunAppeared(int run, long epochMillis) implements Change {}

    record RunBecame(int run, RunState state, long epochMillis) implements Change {}

    /** How many jobs of a label have ended so, in a run that ends with this: for who asks later. */
    record JobsCounted(int run, String label, JobEnd end, int jobs) implements Change {}

    /** @param request the request that asked for it, so that its repetition is known after a restart too */
    record RunCancelling(int run, String request, boolean force) implements Change {}

    /**
     * Every job that has not succeeded is open again, with its retries.
     *
     * @param generation counts restarts: attempts of earlier ones no longer count
     */
    record RunRestarted(int run, String request, int generation) implements Change {}

    /** A job's exit code ends the run. */
    record RunAborting(int run, int job, int returnValue) implements Change {}

    /**
     * Jobs that were staged behind those that a run has belong to it from now on.
     *
     * @param jobs how many it has now
     * @param waiting those that needed the one that brought them: they need the last of the new ones as well
     */
    record RunGrew(int run, int jobs, List<Integer> waiting) implements Change {
        public RunGrew {
            waiting = List.copyOf(waiting);
        }
    }

    /** Something that its user should know, for as long as there is the run. */
    record RunNoted(int run, String note) implements Change {}

    /** A job that ran out of memory asks for more from now on. */
    record MemoryRaised(int run, int job, int memoryMiB) implements Change {}

    record JobEnded(int run, int job, JobEnd end) implements Change {}

    record AttemptAssigned(AttemptId attempt, int generation, int worker, long epochMillis) implements Change {}

    record AttemptBegan(AttemptId attempt, long epochMillis) implements Change {}

    record AttemptEnded(AttemptId attempt, AttemptEnd end, Outcome outcome) implements Change {}

    /**
     * @param start which start of a worker at this place, from 1
     * @param deadlineEpochMillis when its block ends; negative: never
     */
    record WorkerJoined(
            int worker,
            Place place,
            int start,
            String incarnation,
            String host,
            long pid,
            int cores,
            int memoryMiB,
            long deadlineEpochMillis,
            long epochMillis)
            implements Change {}

    /** Surely dead: nothing of it runs any more. */
    record WorkerLeft(int worker, String reason, long epochMillis) implements Change {}

    /** @param token random; by it the block is found again, and its workers are known */
    record BlockIntended(int block, int site, String token, int nodes, long epochMillis) implements Change {}

    /** @param batchId empty: not known yet */
    record BlockBecame(int block, BlockPhase phase, Optional<String> batchId, String message, long epochMillis)
            implements Change {}

    /** @param broken the batch system's words; empty: the site is whole */
    record SiteBecame(int site, int failuresInARow, String broken) implements Change {}
}
