package interchange.core;

/** What becomes of jobs: when they are ready, how they end, and what that means for their run. */
final class JobFlow {
    /** Workers that died under a job before it is run with nothing beside it. */
    static final int DEATHS_BEFORE_ALONE = 2;

    /** Blocks that ended under a job before it is said to need more. */
    static final int BLOCK_ENDS_BEFORE_FAILURE = 3;

    /** Jobs that are looked at in one go where a run has more: each may be a row of the journal. */
    static final int SWEEP = 1_000;

    /** A node on which a job succeeds is not counted more often. */
    private static final long GOOD_FOR_MILLIS = 1_000;

    private final State state;
    private final Matcher matcher;
    private final BlockFlow blocks;

    JobFlow(State state, Matcher matcher, BlockFlow blocks) {
        this.state = state;
        this.matcher = matcher;
        this.blocks = blocks;
    }

    // ---- runs

    void onSubmitted(RunGraph graph) {
        if (state.runs.containsKey(graph.run())) {
            return;
        }
        Run run = new Run(graph);
        state.out.write(new Change.RunAppeared(run.id(), state.now.epochMillis()));
        takeIn(run);
        sweep(run, SWEEP);
    }

    void onRestarted(Event.RunRestarted event) {
        int id = event.record().graph().run();
        if (state.runs.containsKey(id) || event.record().restartRequest().equals(event.request())) {
            return;
        }
        Run run = Run.restarted(event.record(), event.request());
        state.out.write(new Change.RunRestarted(id, event.request(), run.generation));
        takeIn(run);
        sweep(run, SWEEP);
    }

    void takeIn(Run run) {
        state.runs.put(run.id(), run);
        sitesOf(run).forEach(site -> {
            site.activeRuns++;
            site.onWork();
        });
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
        if (!second) {
            run.cancelRequest = event.request();
        }
        run.deleteCursor = 0;
        state.out.write(new Change.RunCancelling(run.id(), run.cancelRequest, run.force));
        for (Attempt attempt : state.openAttempts(run.id())) {
            if (unwanted(attempt)) {
                kill(attempt);
            }
        }
        sweep(run, SWEEP);
    }

    /** Goes on with what was too much for one turn: a part of one run's, so that many runs are not too much either. */
    void onContinue() {
        for (Run run : state.runs.values()) {
            if (run.hasMore()) {
                sweep(run, SWEEP);
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

    private void sweep(Run run, int budget) {
        int left = prune(run, budget);
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
            if (run.state(child) == JobState.UNREADY) {
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
        int last = run.graph.finalJob();
        if (run.graph.hasFinalJob() && run.isOpen(last)) {
            readyIfUnblocked(run, last);
            return;
        }
        run.state = endState(run);
        state.out.write(new Change.RunBecame(run.id(), run.state, state.now.epochMillis()));
        state.out.perform(new Effect.RunEnded(run.id(), run.state));
        state.runs.remove(run.id());
        sitesOf(run).forEach(site -> {
            site.activeRuns--;
            site.deserted = site.activeRuns == 0 && run.cancelling();
        });
    }

    private static RunState endState(Run run) {
        if (run.cancelling()) {
            return RunState.DELETED;
        }
        return run.count(JobState.FAILED) > 0 ? RunState.FAILED : RunState.SUCCEEDED;
    }

    private java.util.Set<SiteState> sitesOf(Run run) {
        java.util.Set<SiteState> sites = new java.util.LinkedHashSet<>();
        run.graph.sites().forEach(site -> sites.add(state.site(site)));
        return sites;
    }

    // ---- jobs

    private void readyIfUnblocked(Run run, int job) {
        if (run.state(job) != JobState.UNREADY || !run.unblocked(job)) {
            return;
        }
        boolean mayRun = !run.cancelling() || (run.isFinal(job) && !run.force);
        if (mayRun && (!run.seeding() || job < run.seedCursor)) {
            makeReady(run, job);
        }
    }

    private void makeReady(Run run, int job) {
        run.become(job, JobState.READY);
        ReadyQueue queue = state.queueOf(run, job);
        queue.add(run.id(), job, run.graph.priorities()[job], run.graph.depths()[job]);
        matcher.touch(queue);
    }

    private void end(Run run, int job, JobEnd end) {
        state.out.write(new Change.JobEnded(run.id(), job, end));
        run.end(job, end);
    }

    private void succeed(Run run, int job) {
        end(run, job, JobEnd.SUCCEEDED);
        run.forEachChild(job, child -> readyIfUnblocked(run, child));
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

    // ---- attempts

    void onStarted(long session, AttemptId id, long startedEpochMillis) {
        state.session(session).ifPresent(worker -> {
            Attempt attempt = worker.attempts.get(id);
            if (attempt != null) {
                started(attempt, startedEpochMillis);
            }
        });
    }

    void started(Attempt attempt, long startedEpochMillis) {
        if (attempt.started()) {
            return;
        }
        attempt.startedEpochMillis = Math.max(1, startedEpochMillis);
        attempt.worker.startedAhead(attempt);
        state.out.write(new Change.AttemptBegan(attempt.id, attempt.startedEpochMillis));
        state.run(attempt.id.run()).become(attempt.id.job(), JobState.RUNNING);
    }

    /** A result is acknowledged whatever it is; it counts only when its attempt is the one that the worker has. */
    void onFinished(long session, AttemptId id, Outcome outcome) {
        state.session(session).ifPresent(worker -> {
            Attempt attempt = worker.attempts.get(id);
            if (attempt != null) {
                finished(attempt, outcome);
            }
            state.out.acknowledge(session, id);
        });
    }

    void onRetracted(long session, AttemptId id) {
        state.session(session).ifPresent(worker -> {
            Attempt attempt = worker.attempts.get(id);
            if (attempt != null && !attempt.started()) {
                lost(attempt, AttemptEnd.RETRACTED, "");
            }
        });
    }

    void finished(Attempt attempt, Outcome outcome) {
        Run run = state.run(attempt.id.run());
        attempt.worker.block.jobsDone++;
        judgeNode(attempt.worker, outcome);
        long duration = outcome.endedEpochMillis() - outcome.startedEpochMillis();
        run.ended(attempt.id.job(), Math.max(0, duration), state.millis());
        end(attempt, endOf(attempt, outcome), outcome);
    }

    private void judgeNode(Worker worker, Outcome outcome) {
        if (outcome.succeeded() && (worker.goodMillis == 0 || state.millis() - worker.goodMillis > GOOD_FOR_MILLIS)) {
            worker.goodMillis = state.millis();
            worker.site.fruitlessInARow = 0;
            worker.site.nodes.good(worker.host, state.millis());
        } else if (outcome.cause() == Outcome.Cause.WORKER_LEFT
                && outcome.startedEpochMillis() == 0
                && worker.usable()) {
            // Given back by a worker that stays: its node can't start anything.
            worker.goodMillis = 0;
            blocks.trouble(worker.site, worker.host, outcome.message());
        }
    }

    /** An attempt that nobody measured: its worker died, left, never had it, or its block ended. */
    void lost(Attempt attempt, AttemptEnd end, String message) {
        end(attempt, end, Outcome.unseen(message, attempt.startedEpochMillis, state.now.epochMillis()));
    }

    private AttemptEnd endOf(Attempt attempt, Outcome outcome) {
        return switch (outcome.cause()) {
            case ENDED -> outcome.succeeded() ? AttemptEnd.SUCCEEDED : AttemptEnd.FAILED;
            case NOT_STARTED -> AttemptEnd.FAILED;
            case WALLTIME -> AttemptEnd.WALLTIME;
            case OUT_OF_MEMORY -> AttemptEnd.OUT_OF_MEMORY;
            case KILLED -> unwanted(attempt) ? AttemptEnd.CANCELLED : AttemptEnd.WORKER_LEFT;
            case WORKER_LEFT -> AttemptEnd.WORKER_LEFT;
        };
    }

    /**
     * Whether a job that its block's end has ended needs more than a block's walltime: the time of the block was over,
     * and the job had at least half of it. Ends by preemption, by reboots and by us are nobody's fault.
     */
    private boolean hadItsTime(Attempt attempt, long startedEpochMillis) {
        Worker worker = attempt.worker;
        long walltime = worker.site.blockMillis();
        if (worker.deadlineEpochMillis < 0 || walltime == 0) {
            return false;
        }
        long drain = worker.site.site.drainBefore().toMillis();
        boolean timeIsOver = worker.deadlineEpochMillis - drain <= state.now.epochMillis();
        return timeIsOver && worker.deadlineEpochMillis - startedEpochMillis >= walltime / 2;
    }

    private void end(Attempt attempt, AttemptEnd reported, Outcome outcome) {
        Run run = state.run(attempt.id.run());
        int job = attempt.id.job();
        boolean began = attempt.started() || outcome.startedEpochMillis() > 0;
        AttemptEnd end = switch (reported) {
            case WORKER_DIED -> began ? reported : AttemptEnd.WORKER_LEFT;
            case WORKER_LEFT, BLOCK_ENDED ->
                began && hadItsTime(attempt, Math.max(attempt.startedEpochMillis, outcome.startedEpochMillis()))
                        ? AttemptEnd.BLOCK_ENDED
                        : AttemptEnd.WORKER_LEFT;
            case SUCCEEDED, FAILED, WALLTIME, OUT_OF_MEMORY, CANCELLED, RETRACTED -> reported;
        };
        count(run, job, end);
        JobEnd fate = unwanted(attempt) && end != AttemptEnd.SUCCEEDED && end != AttemptEnd.FAILED
                ? JobEnd.DELETED
                : fate(run, job, end, outcome);
        state.out.write(new Change.AttemptEnded(attempt.id, end, explained(run, attempt, end, outcome, fate)));
        matcher.release(attempt);
        run.openAttempts--;
        run.become(job, JobState.UNREADY);
        switch (fate) {
            case OPEN -> readyIfUnblocked(run, job);
            case SUCCEEDED -> succeed(run, job);
            case FAILED, DELETED, PRUNED -> end(run, job, fate);
        }
        sweep(run, SWEEP);
    }

    private static void count(Run run, int job, AttemptEnd end) {
        if (end == AttemptEnd.WORKER_DIED) {
            run.deaths[job]++;
        } else if (end == AttemptEnd.BLOCK_ENDED) {
            run.blockEnds[job]++;
        } else if (end.spendsRetry()) {
            run.failures[job]++;
        }
    }

    private static JobEnd fate(Run run, int job, AttemptEnd end, Outcome outcome) {
        if (end == AttemptEnd.SUCCEEDED) {
            return JobEnd.SUCCEEDED;
        }
        if (end.spendsRetry()) {
            RetryPolicy policy = run.graph.policyOf(job);
            boolean exited = outcome.cause() == Outcome.Cause.ENDED && outcome.signal() == 0;
            boolean hopeless = exited && policy.unlessExit().contains(outcome.exitCode());
            boolean spent = run.failures[job] > policy.retries();
            return hopeless || spent || run.cancelling() ? JobEnd.FAILED : JobEnd.OPEN;
        }
        boolean killer = run.deaths[job] > DEATHS_BEFORE_ALONE && end == AttemptEnd.WORKER_DIED;
        boolean tooLong = run.blockEnds[job] >= BLOCK_ENDS_BEFORE_FAILURE && end == AttemptEnd.BLOCK_ENDED;
        return killer || tooLong ? JobEnd.FAILED : JobEnd.OPEN;
    }

    /** The outcome with the reason that only we know. */
    private static Outcome explained(Run run, Attempt attempt, AttemptEnd end, Outcome outcome, JobEnd fate) {
        if (fate != JobEnd.FAILED || end.spendsRetry()) {
            return outcome;
        }
        String reason = end == AttemptEnd.WORKER_DIED
                ? "its worker died under it " + run.deaths[attempt.id.job()]
                        + " times, the last time with no other job beside it"
                : "it needs more than the "
                        + attempt.worker.site.blockMillis() / 60_000 + " minutes of a block of site '"
                        + attempt.worker.site.site.name() + "': " + run.blockEnds[attempt.id.job()]
                        + " blocks ended under it, each of which gave it half of that at least;"
                        + " give the site a longer walltime, or the job a requestWalltime";
        return new Outcome(
                outcome.cause(),
                outcome.exitCode(),
                outcome.signal(),
                reason,
                outcome.startedEpochMillis(),
                outcome.endedEpochMillis(),
                outcome.cpuMillis(),
                outcome.peakMemoryMiB());
    }
}
