package interchange.core;

import java.util.ArrayList;
import java.util.List;

/** Says why a job is not running, with the numbers that were compared. */
final class Explanation {
    private final State state;

    Explanation(State state) {
        this.state = state;
    }

    List<String> of(int runId, int job, Now now) {
        Run run = state.run(runId);
        List<String> reasons = new ArrayList<>(why(run, job, now));
        if (run.isOpen(job)) {
            reasons.addAll(withoutNumber(run, job));
        }
        return reasons;
    }

    /** Of the limits that the job names. */
    private List<String> withoutNumber(Run run, int job) {
        return LimitName.parse(run.shapeNow(job).limits()).stream()
                .filter(limit -> !state.limits.isConfigured(limit))
                .map(limit -> "its concurrency limit '" + limit.name()
                        + "' limits nothing: concurrencyLimits of the daemon's config.yaml has no number for it")
                .toList();
    }

    private List<String> why(Run run, int job, Now now) {
        return switch (run.state(job)) {
            case UNREADY -> unready(run, job);
            case READY -> ready(run, job, now);
            case PENDING -> List.of("given to " + workerOf(run, job) + ", which has not started it yet");
            case RUNNING ->
                run.bringing.contains(job)
                        ? List.of("its command has succeeded, and the workflow that it has written is being taken in")
                        : List.of("running on " + workerOf(run, job));
            case SUCCEEDED -> List.of("it has succeeded");
            case FAILED -> List.of("it has failed; its last attempt says why");
            case DELETED -> List.of(endedEarly(run) + " before it could run");
            case PRUNED -> List.of("a job that it needs has failed or was pruned itself");
        };
    }

    private List<String> unready(Run run, int job) {
        if (run.isFinal(job) && run.openJobs > 0) {
            return List.of("the final job runs after all others: " + run.openJobs + " have not ended");
        }
        if (run.cancelling()) {
            return List.of(endedEarly(run));
        }
        return List.of("it waits for " + run.parentsLeft[job] + " of the "
                + run.graph.parentCounts()[job] + " jobs that it needs");
    }

    private static String endedEarly(Run run) {
        return run.aborted() ? "its run was ended by the exit code of another job" : "its run was cancelled";
    }

    private String workerOf(Run run, int job) {
        for (Attempt attempt : state.openAttempts(run.id())) {
            if (attempt.id.job() == job) {
                Worker worker = attempt.worker;
                return "worker " + worker.id + " on " + worker.host
                        + (worker.usable()
                                ? ""
                                : " (not heard for " + (state.millis() - worker.lastHeardMillis) / 1_000 + " s)");
            }
        }
        return "a worker";
    }

    private List<String> ready(Run run, int job, Now now) {
        ReadyQueue queue = state.queueOf(run, job);
        SiteState site = queue.site;
        Shape shape = queue.shape;
        List<String> reasons = new ArrayList<>();
        reasons.add("it is ready and asks for " + shape.cpus() + " cpus and " + shape.memoryMiB() + " MiB"
                + (shape.diskMiB() > 0 ? " and " + shape.diskMiB() + " MiB of disk" : "")
                + (shape.walltimeSeconds() > 0 ? " for " + shape.walltimeSeconds() / 60 + " min" : "")
                + (shape.alone() ? ", with no other job beside it," : "") + " at site '" + site.site.name() + "'; "
                + queue.live() + " jobs of this shape are ready");
        state.stopping.ifPresent(mode -> reasons.add("the daemon is stopping and starts nothing new"));
        for (Limit.Share share : queue.shares) {
            if (!share.isFree()) {
                Limit limit = share.limit();
                reasons.add("it waits for the " + limit.name + ": jobs at workers count " + limit.used + " of "
                        + limit.most + ", and it counts " + share.weight());
            }
        }
        if (site.isBroken()) {
            reasons.add("the site is broken: " + site.broken + "; `interchange sites --resume " + site.site.name()
                    + "` tries again");
        }
        long pause = (site.nextSubmitMillis - now.steadyMillis()) / 1_000;
        if (!site.isBroken() && pause > 0) {
            reasons.add("no block is asked for in the next " + pause + " s, because "
                    + (site.lastFailure.isEmpty()
                            ? "the last one ran nothing"
                            : "the last one failed: " + site.lastFailure));
        }
        if (!site.hasBlocksFor(shape.walltimeSeconds())) {
            reasons.add("no block is asked for it: a block lasts " + site.blockMillis() / 60_000
                    + " min, and the job may take longer");
        }
        if (site.workers.isEmpty()) {
            reasons.add("the site has no worker; blocks: " + site.activeBlocks() + " of at most "
                    + site.site.maxBlocks() + " asked for");
        }
        site.workers.forEach(worker -> reasons.add(against(worker, site.runsAlone(shape), shape, now)));
        if (site.runsAlone(shape) && !shape.alone()) {
            reasons.add("workers of the site have " + site.nodeCores() + " cpus and " + site.nodeMemoryMiB()
                    + " MiB at most: it will run by itself on the largest");
        }
        return reasons;
    }

    private static String against(Worker worker, boolean alone, Shape shape, Now now) {
        String name = "worker " + worker.id + " on " + worker.host + ": ";
        if (!worker.usable()) {
            return name + (worker.draining ? "it is leaving" : "it is not connected");
        }
        if (worker.exclusive || (alone && !worker.attempts.isEmpty())) {
            return name + "it runs " + worker.attempts.size() + " jobs, and one of the two wants to be alone";
        }
        if (!worker.hasTimeFor(shape.walltimeSeconds(), now)) {
            return name + "its block ends in " + worker.remainingMillis(now) / 1_000 + " s";
        }
        return name + worker.freeCores() + " of " + worker.cores + " cpus and " + worker.freeMemoryMiB() + " of "
                + worker.memoryMiB + " MiB are free";
    }
}
