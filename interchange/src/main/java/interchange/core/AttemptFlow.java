package interchange.core;

/** What becomes of attempts, and what their ends mean for their jobs. */
final class AttemptFlow {
    /** Workers that died under a job before it is run with nothing beside it. */
    static final int DEATHS_BEFORE_ALONE = 2;

    /** Blocks that ended under a job before it is said to need more. */
    static final int BLOCK_ENDS_BEFORE_FAILURE = 3;

    /** A node on which a job succeeds is not counted more often. */
    private static final long GOOD_FOR_MILLIS = 1_000;

    private final State state;
    private final Matcher matcher;
    private final BlockFlow blocks;
    private final JobFlow jobs;

    AttemptFlow(State state, Matcher matcher, BlockFlow blocks, JobFlow jobs) {
        this.state = state;
        this.matcher = matcher;
        this.blocks = blocks;
        this.jobs = jobs;
    }

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
            case NOT_STARTED, NOT_RETURNED -> AttemptEnd.FAILED;
            case WALLTIME -> AttemptEnd.WALLTIME;
            case OUT_OF_MEMORY -> AttemptEnd.OUT_OF_MEMORY;
            case KILLED -> jobs.unwanted(attempt) ? AttemptEnd.CANCELLED : AttemptEnd.WORKER_LEFT;
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
            case WORKER_DIED, OUT_OF_MEMORY -> began ? reported : AttemptEnd.WORKER_LEFT;
            case WORKER_LEFT, BLOCK_ENDED ->
                began && hadItsTime(attempt, Math.max(attempt.startedEpochMillis, outcome.startedEpochMillis()))
                        ? AttemptEnd.BLOCK_ENDED
                        : AttemptEnd.WORKER_LEFT;
            case SUCCEEDED, FAILED, WALLTIME, CANCELLED, RETRACTED -> reported;
        };
        count(run, job, end);
        Verdict verdict = jobs.unwanted(attempt) && end != AttemptEnd.SUCCEEDED && end != AttemptEnd.FAILED
                ? Verdict.of(JobEnd.DELETED)
                : Verdict.of(state, run, attempt, end, outcome);
        state.out.write(new Change.AttemptEnded(attempt.id, end, verdict.explaining(outcome)));
        matcher.release(attempt);
        run.openAttempts--;
        run.become(job, JobState.UNREADY);
        if (verdict.memoryMiB() > 0) {
            jobs.giveMemory(run, job, verdict.memoryMiB());
        }
        boolean aborts = outcome.exited() && run.graph.policyOf(job).aborts(outcome.exitCode());
        jobs.settle(run, job, verdict.fate());
        if (aborts) {
            jobs.abort(run, job);
        }
        jobs.sweep(run);
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
}
