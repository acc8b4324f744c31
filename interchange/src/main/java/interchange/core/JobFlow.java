package interchange.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What becomes of jobs: when they are ready, how they end, and what that means for their run. */
final class JobFlow {
    /** Jobs that are looked at in one go where a run has more: each may be a row of the journal. */
    static final int SWEEP = 1_000;

    private final State state;
    private final Matcher matcher;

    JobFlow(State state, Matcher matcher) {
        this.state = state;
        this.matcher = matcher;
    }

    // ---- runs

    void onSubmitted(RunGraph graph) {
        if (state.runs.containsKey(graph.run())) {
            return;
        }
        Run run = new Run(graph);
        state.out.write(new Change.RunAppeared(run.id(), state.now.epochMillis()));
        takeIn(run);
        sweep(run);
    }

    void onRestarted(Event.RunRestarted event) {
        int id = event.record().graph().run();
        if (state.runs.containsKey(id) || event.record().restartRequest().equals(event.request())) {
            return;
        }
        Run run = Run.restarted(event.record(), event.request());
        state.out.write(new Change.RunRestarted(id, event.request(), run.generation));
        takeIn(run);
        sweep(run);
    }

    void takeIn(Run run) {
        state.runs.put(run.id(), run);
        run.raisedMemoryMiB
                .keySet()
                .forEach(job -> run.comesTo(state.shapeNow(run, job).site()));
        sitesOf(run).forEach(JobFlow::use);
    }

    /** It ran out of memory, and is to have so much from now on: perhaps in a pool that the run has not used yet. */
    void giveMemory(Run run, int job, int memoryMiB) {
        run.raisedMemoryMiB.put(job, memoryMiB);
        state.out.write(new Change.MemoryRaised(run.id(), job, memoryMiB));
        int pool = state.shapeNow(run, job).site();
        if (run.comesTo(pool)) {
            use(state.site(pool));
        }
    }

    private static void use(SiteState site) {
        site.activeRuns++;
        site.onWork();
    }

    void onCancelled(Event.RunCancelled event) {
        Run run = state.runs.get(event.run());
        if (run == null || run.cancelRequest.equals(event.request())) {
            return;
        }
        boolean second = run.cancelling();
        if (second && run.force) {
            return;
        }
        run.force = event.force() || second;
        if (run.cancelRequest.isEmpty()) {
            run.cancelRequest = event.request();
        }
        state.out.write(new Change.RunCancelling(run.id(), run.cancelRequest, run.force));
        endEarly(run);
        sweep(run);
    }

    /** Ends a run because of how one of its jobs has: as a cancel does, but the final jobs always run. */
    void abort(Run run, int job) {
        if (run.cancelling()) {
            return;
        }
        run.abortJob = job;
        run.abortReturn = run.graph.policyOf(job).abortReturn();
        state.out.write(new Change.RunAborting(run.id(), job, run.abortReturn));
        endEarly(run);
    }

    private void endEarly(Run run) {
        run.deleteCursor = 0;
        for (Attempt attempt : state.openAttempts(run.id())) {
            if (unwanted(attempt)) {
                kill(attempt);
            }
        }
        for (int job : List.copyOf(run.bringing)) {
            end(run, job, JobEnd.DELETED);
        }
    }

    /** Goes on with what was too much for one turn: a part of one run's, so that many runs are not too much either. */
    void onContinue() {
        for (Run run : state.runs.values()) {
            if (run.hasMore()) {
                sweep(run);
                return;
            }
        }
    }

    boolean hasMore() {
        for (Run run : state.runs.values()) {
            if (run.hasMore()) {
                return true;
            }
        }
        return false;
    }

    /** Does a part of what is to be done for all jobs, and ends the run when nothing is left. */
    void sweep(Run run) {
        int left = prune(run, SWEEP);
        while (left > 0 && !run.toPass.isEmpty()) {
            left--;
            pass(run, run.toPass.pop());
        }
        while (left > 0 && run.deleting()) {
            left--;
            delete(run, run.deleteCursor++);
        }
        while (left > 0 && run.seeding()) {
            left--;
            readyIfUnblocked(run, run.seedCursor++);
        }
        endIfDone(run);
    }

    private void delete(Run run, int job) {
        boolean spared = run.isFinal(job) && !run.force;
        JobState was = run.state(job);
        if (spared || (was != JobState.UNREADY && was != JobState.READY)) {
            return;
        }
        if (was == JobState.READY) {
            state.queueOf(run, job).forgetOne();
        }
        end(run, job, JobEnd.DELETED);
    }

    private int prune(Run run, int budget) {
        int left = budget;
        while (left > 0 && !run.toPrune.isEmpty()) {
            int parent = run.toPrune.pop();
            left = pruneChildren(run, parent, left - 1);
        }
        return left;
    }

    /** A parent with more children than that comes again, before its children do. */
    private int pruneChildren(Run run, int parent, int budget) {
        int left = budget;
        RunGraph graph = run.graph;
        for (int at = graph.childOffsets()[parent]; at < graph.childOffsets()[parent + 1]; at++) {
            int child = graph.children()[at];
            if (run.state(child) == JobState.UNREADY && !graph.isJoin(child)) {
                if (left <= 0) {
                    run.toPrune.push(parent);
                    return 0;
                }
                left--;
                end(run, child, JobEnd.PRUNED);
            }
        }
        return left;
    }

    private void endIfDone(Run run) {
        if (run.openJobs > 0 || run.hasMore() || run.openAttempts > 0) {
            return;
        }
        if (run.openFinals > 0) {
            for (int job : run.graph.finals()) {
                readyIfUnblocked(run, job);
            }
            return;
        }
        run.state = endState(run);
        tellCounts(run);
        state.out.write(new Change.RunBecame(run.id(), run.state, state.now.epochMillis()));
        state.out.perform(new Effect.RunEnded(run.id(), run.state));
        state.runs.remove(run.id());
        state.limits.forget(run.id());
        sitesOf(run).forEach(site -> {
            site.activeRuns--;
            site.deserted = site.activeRuns == 0 && run.cancelling();
        });
    }

    private void tellCounts(Run run) {
        for (int label = 0; label < run.counts.length; label++) {
            for (JobState ended : List.of(JobState.SUCCEEDED, JobState.FAILED, JobState.PRUNED, JobState.DELETED)) {
                int jobs = run.counts[label][ended.ordinal()];
                if (jobs > 0) {
                    String name = run.graph.labelTable().get(label);
                    state.out.write(new Change.JobsCounted(run.id(), name, JobEnd.valueOf(ended.name()), jobs));
                }
            }
        }
    }

    private static RunState endState(Run run) {
        if (!run.cancelRequest.isEmpty()) {
            return RunState.DELETED;
        }
        if (run.aborted()) {
            return run.abortReturn == 0 ? RunState.SUCCEEDED : RunState.FAILED;
        }
        return run.count(JobState.FAILED) > 0 ? RunState.FAILED : RunState.SUCCEEDED;
    }

    private Set<SiteState> sitesOf(Run run) {
        Set<SiteState> sites = new LinkedHashSet<>();
        run.sites().forEach(site -> sites.add(state.site(site)));
        return sites;
    }

    // ---- jobs

    private void readyIfUnblocked(Run run, int job) {
        if (run.state(job) != JobState.UNREADY || !run.unblocked(job)) {
            return;
        }
        if (mayRun(run, job) && (!run.seeding() || job < run.seedCursor)) {
            makeReady(run, job);
        }
    }

    private static boolean mayRun(Run run, int job) {
        return !run.cancelling() || (run.isFinal(job) && !run.force);
    }

    private void makeReady(Run run, int job) {
        if (run.graph.isNoop(job)) {
            run.toPass.push(job);
            return;
        }
        run.become(job, JobState.READY);
        ReadyQueue queue = state.queueOf(run, job);
        queue.add(run.id(), job, run.graph.priorities()[job], run.graph.depths()[job]);
        matcher.touch(queue);
    }

    /** The turn of a no-op has come, unless the run ends before its time. */
    private void pass(Run run, int job) {
        if (run.state(job) != JobState.UNREADY || !mayRun(run, job)) {
            return;
        }
        if (run.graph.isJoin(job) && run.passedBy(job)) {
            end(run, job, JobEnd.PRUNED);
        } else {
            succeed(run, job);
        }
    }

    /** What an attempt's end has decided. */
    void settle(Run run, int job, JobEnd fate) {
        switch (fate) {
            case OPEN -> readyIfUnblocked(run, job);
            case BRINGING -> {
                end(run, job, fate);
                bring(run, job);
            }
            case SUCCEEDED -> succeed(run, job);
            case FAILED, DELETED, PRUNED -> end(run, job, fate);
        }
    }

    private void end(Run run, int job, JobEnd end) {
        state.out.write(new Change.JobEnded(run.id(), job, end));
        run.end(job, end);
        boolean mayOpenJoins = end == JobEnd.FAILED || end == JobEnd.PRUNED;
        if (mayOpenJoins && run.graph.hasJoins()) {
            run.forEachChild(job, child -> {
                if (run.graph.isJoin(child)) {
                    readyIfUnblocked(run, child);
                }
            });
        }
    }

    private void succeed(Run run, int job) {
        end(run, job, JobEnd.SUCCEEDED);
        run.forEachChild(job, child -> readyIfUnblocked(run, child));
    }

    // ---- workflows that jobs bring

    /** Has the workflow taken in that a job has written. */
    void bring(Run run, int job) {
        state.out.perform(new Effect.TakeIn(run.id(), run.generation, job, run.attempts[job] - 1));
    }

    /** The jobs that one has brought are staged: the run is larger from now on. */
    void onBrought(Event.WorkflowBrought event) {
        Run run = state.runs.get(event.graph().run());
        if (run == null || run.generation != event.generation() || !run.bringing.contains(event.job())) {
            return;
        }
        Set<SiteState> before = sitesOf(run);
        Run larger = run.grown(event.graph());
        List<Integer> waiting = new ArrayList<>();
        run.forEachChild(event.job(), waiting::add);
        state.out.write(new Change.RunGrew(larger.id(), larger.jobs(), waiting));
        state.runs.put(larger.id(), larger);
        Set<SiteState> added = sitesOf(larger);
        added.removeAll(before);
        added.forEach(JobFlow::use);
        succeed(larger, event.job());
        sweep(larger);
    }

    void onNotBrought(Event.WorkflowNotBrought event) {
        Run run = state.runs.get(event.run());
        if (run == null || run.generation != event.generation() || !run.bringing.contains(event.job())) {
            return;
        }
        state.out.write(new Change.RunNoted(run.id(), event.message()));
        end(run, event.job(), JobEnd.FAILED);
        sweep(run);
    }

    /** Whether an attempt runs for nothing: its run is being cancelled. */
    boolean unwanted(Attempt attempt) {
        Run run = state.run(attempt.id.run());
        return run.cancelling() && (run.force || !run.isFinal(attempt.id.job()));
    }

    void kill(Attempt attempt) {
        if (attempt.worker.connected()) {
            state.out.kill(attempt.worker, attempt.id);
        }
    }
}
