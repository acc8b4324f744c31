package interchange.core;

/** Builds the state from what the journal has. Connections, timers and queues begin anew. */
final class Recovery {
    private final State state;
    private final JobFlow jobs;
    private final BlockFlow blocks;
    private final WorkerFlow workers;

    Recovery(State state, JobFlow jobs, BlockFlow blocks, WorkerFlow workers) {
        this.state = state;
        this.jobs = jobs;
        this.blocks = blocks;
        this.workers = workers;
    }

    void take(Recovered recovered) {
        recovered.sites().forEach(this::site);
        recovered.blocks().forEach(this::block);
        recovered.workers().forEach(this::worker);
        recovered.runs().forEach(this::run);
    }

    private void site(Recovered.SiteRecord record) {
        SiteState site = new SiteState(record.site());
        site.failuresInARow = record.failuresInARow();
        site.broken = record.broken();
        // Blocks that were asked for at first are there already, or were not wanted any more.
        site.initBlocksAsked = true;
        state.sites.put(site.index(), site);
    }

    private void block(Recovered.BlockRecord record) {
        Block block = new Block(
                record.block(),
                state.site(record.site()),
                record.token(),
                record.nodes(),
                record.intendedEpochMillis());
        block.phase = record.phase();
        block.batchId = record.batchId();
        block.message = record.message();
        block.phaseEpochMillis = record.phaseEpochMillis();
        block.overSinceMillis = state.millis();
        block.proven = record.phase() == BlockPhase.RUNNING;
        block.recovered = true;
        block.runningSinceMillis = state.millis();
        blocks.add(block);
    }

    private void worker(Recovered.WorkerRecord record) {
        Block block = state.blocks.get(record.place().block());
        if (block == null) {
            throw new IllegalStateException("worker " + record.worker() + " is of block "
                    + record.place().block() + ", which is not known");
        }
        Change.WorkerJoined row = new Change.WorkerJoined(
                record.worker(),
                record.place(),
                record.start(),
                record.incarnation(),
                record.host(),
                record.pid(),
                record.cores(),
                record.memoryMiB(),
                record.deadlineEpochMillis(),
                0);
        Worker worker = new Worker(row, block.site, block);
        worker.lastSentMillis = state.millis();
        worker.lastHeardMillis = state.millis();
        block.proven = true;
        block.worked = true;
        workers.add(worker);
        if (block.phase == BlockPhase.QUEUED) {
            // It is to start again: these are of the start before.
            block.restarts = Math.max(block.restarts, record.place().restarts() + 1);
        }
    }

    private void run(Recovered.RunRecord record) {
        Run run = Run.recovered(record);
        jobs.takeIn(run);
        for (Recovered.OpenAttempt open : record.open()) {
            Worker worker = state.workers.get(open.worker());
            if (worker == null) {
                throw new IllegalStateException(
                        "attempt " + open.attempt() + " is of worker " + open.worker() + ", which is not known");
            }
            attempt(run, open, worker);
        }
        run.bringing.forEach(job -> jobs.bring(run, job));
    }

    private void attempt(Run run, Recovered.OpenAttempt open, Worker worker) {
        int job = open.attempt().job();
        Attempt attempt = new Attempt(open.attempt(), worker, state.queueOf(run, job));
        attempt.startedEpochMillis = open.startedEpochMillis();
        attempt.assignedSteadyMillis = state.millis();
        attempt.ahead = !attempt.started() && !worker.hasRoomFor(attempt);
        worker.take(attempt);
        attempt.shares.forEach(share -> share.limit().used += share.weight());
        state.attempts.put(attempt.id, attempt);
        run.openAttempts++;
        run.become(job, attempt.started() ? JobState.RUNNING : JobState.PENDING);
    }
}
