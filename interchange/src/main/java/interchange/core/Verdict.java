package interchange.core;

import java.util.List;

/**
 * What an attempt's end means for its job.
 *
 * @param reason why, where only we know; empty: the outcome says it
 * @param memoryMiB what the next attempt is to ask for; 0: as before
 */
record Verdict(JobEnd fate, String reason, int memoryMiB) {
    /** What was measured differs by a little from job to job, and jobs that ask for the same wait together. */
    private static final int STEP_MIB = 256;

    static Verdict of(JobEnd fate) {
        return new Verdict(fate, "", 0);
    }

    private static Verdict failed(String reason) {
        return new Verdict(JobEnd.FAILED, reason, 0);
    }

    /** @param end as it is counted in the run already */
    static Verdict of(State state, Run run, Attempt attempt, AttemptEnd end, Outcome outcome) {
        int job = attempt.id.job();
        SiteState site = attempt.worker.site;
        if (end == AttemptEnd.SUCCEEDED) {
            if (!run.graph.brings(job)) {
                return of(JobEnd.SUCCEEDED);
            }
            // Of a run that is being cancelled nothing more is taken in, so a restart must make it anew.
            return of(run.cancelling() ? JobEnd.DELETED : JobEnd.BRINGING);
        }
        if (end.spendsRetry()) {
            return ofFailure(state, run, job, end, outcome);
        }
        if (run.deaths[job] > AttemptFlow.DEATHS_BEFORE_ALONE && end == AttemptEnd.WORKER_DIED) {
            return failed("its worker died under it " + run.deaths[job]
                    + " times, the last time with no other job beside it");
        }
        if (run.blockEnds[job] >= AttemptFlow.BLOCK_ENDS_BEFORE_FAILURE && end == AttemptEnd.BLOCK_ENDED) {
            return failed("it needs more than the " + site.blockMillis() / 60_000 + " minutes of a block of site '"
                    + site.site.name() + "': " + run.blockEnds[job]
                    + " blocks ended under it, each of which gave it half of that at least;"
                    + " give the site a longer walltime, or the job a requestWalltime");
        }
        return of(JobEnd.OPEN);
    }

    private static Verdict ofFailure(State state, Run run, int job, AttemptEnd end, Outcome outcome) {
        RetryPolicy policy = run.graph.policyOf(job);
        boolean exited = outcome.exited();
        if (exited && policy.aborts(outcome.exitCode())) {
            return of(JobEnd.FAILED);
        }
        boolean hopeless = exited && policy.unlessExit().contains(outcome.exitCode());
        boolean spent = run.failures[job] > policy.retries();
        if (hopeless || spent || run.cancelling()) {
            return of(JobEnd.FAILED);
        }
        return end == AttemptEnd.OUT_OF_MEMORY && policy.memoryGrows()
                ? withMoreMemory(run.shapeNow(job).memoryMiB(), policy, outcome, state.poolsFor(run.shapeNow(job)))
                : of(JobEnd.OPEN);
    }

    private static Verdict withMoreMemory(int hadMiB, RetryPolicy policy, Outcome outcome, List<SiteState> pools) {
        int largest = largestOf(pools);
        int most = policy.memoryMaxMiB();
        boolean measured = outcome.peakMemoryMiB() > hadMiB;
        long grown = (long) Math.ceil(Math.max(hadMiB, outcome.peakMemoryMiB()) * policy.memoryMultiplier());
        long wanted = measured ? Math.ceilDiv(grown, STEP_MIB) * STEP_MIB : grown;
        long capped = Math.min(wanted, Math.min(most > 0 ? most : Integer.MAX_VALUE, largest > 0 ? largest : wanted));
        if (wanted == 0) {
            // Nothing was asked for, and nothing is known.
            return of(JobEnd.OPEN);
        }
        if (capped > hadMiB) {
            return new Verdict(JobEnd.OPEN, "", (int) capped);
        }
        String limit = most > 0 && most <= hadMiB
                ? "it may have no more (requestMemoryMax, memoryLimit)"
                : "the largest worker of site '" + pools.getFirst().site.section() + "' has " + largest + " MiB";
        return failed(Outcome.NO_MORE_MEMORY + hadMiB + " MiB, and " + limit);
    }

    /** MiB; 0: not known. */
    private static int largestOf(List<SiteState> pools) {
        int largest = 0;
        for (SiteState pool : pools) {
            if (pool.nodeMemoryMiB() == 0) {
                return 0;
            }
            largest = Math.max(largest, pool.nodeMemoryMiB());
        }
        return largest;
    }

    /** The outcome with the reason that only we know. */
    Outcome explaining(Outcome outcome) {
        return reason.isEmpty() ? outcome : outcome.saying(reason);
    }
}
