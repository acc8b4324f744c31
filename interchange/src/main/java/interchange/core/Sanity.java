package interchange.core;

import java.util.HashMap;
import java.util.Map;

/** The invariants that hold after every event. For tests and simulations: it looks at everything. */
final class Sanity {
    private Sanity() {}

    static void check(State state) {
        state.runs.values().forEach(run -> checkRun(state, run));
        state.workers.values().forEach(worker -> checkWorker(state, worker));
        state.attempts.forEach((id, attempt) -> require(
                attempt.worker.attempts.get(id) == attempt && state.workers.get(attempt.worker.id) == attempt.worker,
                "attempt " + id + " is at a worker that does not have it"));
        state.queues.values().forEach(queue -> checkQueue(state, queue));
        checkLimits(state);
        state.blocks
                .values()
                .forEach(block -> require(
                        !block.phase.over() || !block.workers.isEmpty(),
                        "block " + block.id + " is over and still kept"));
    }

    private static void checkRun(State state, Run run) {
        int open = 0;
        int atWorkers = 0;
        for (int job = 0; job < run.jobs(); job++) {
            open += run.isOpen(job) && !run.isFinal(job) ? 1 : 0;
            JobState jobState = run.state(job);
            boolean given =
                    jobState == JobState.PENDING || (jobState == JobState.RUNNING && !run.bringing.contains(job));
            atWorkers += given ? 1 : 0;
            if (given) {
                AttemptId id = new AttemptId(run.id(), job, run.attempts[job] - 1);
                require(state.attempts.containsKey(id), "job " + job + " is " + jobState + " without an attempt");
            }
        }
        require(open == run.openJobs, "run " + run.id() + " counts " + run.openJobs + " open jobs of " + open);
        require(
                atWorkers == run.openAttempts,
                "run " + run.id() + " counts " + run.openAttempts + " attempts of " + atWorkers);
        int counted = 0;
        for (JobState jobState : JobState.values()) {
            counted += run.count(jobState);
        }
        require(counted == run.jobs(), "run " + run.id() + " counts " + counted + " of " + run.jobs() + " jobs");
        boolean stuck = run.openJobs == 0 && !run.hasMore() && run.openAttempts == 0 && run.count(JobState.READY) == 0;
        require(!stuck, "run " + run.id() + " has nothing left to do and has not ended");
    }

    private static void checkWorker(State state, Worker worker) {
        int cores = 0;
        int memory = 0;
        int disk = 0;
        int ahead = 0;
        for (Attempt attempt : worker.attempts.values()) {
            if (attempt.ahead) {
                ahead++;
            } else {
                cores += attempt.cpus;
                memory += attempt.memoryMiB;
                disk += attempt.diskMiB;
            }
        }
        require(
                cores == worker.usedCores
                        && memory == worker.usedMemoryMiB
                        && disk == worker.usedDiskMiB
                        && ahead == worker.aheadCount,
                "worker " + worker.id + " counts wrongly what it has");
        require(
                worker.connected() == (state.sessions.get(worker.session) == worker),
                "worker " + worker.id + " and its session do not agree");
    }

    private static void checkQueue(State state, ReadyQueue queue) {
        int ready = 0;
        for (Run run : state.runs.values()) {
            for (int job = 0; job < run.jobs(); job++) {
                ready += run.state(job) == JobState.READY && state.queueOf(run, job) == queue ? 1 : 0;
            }
        }
        require(ready == queue.live(), "the queue of " + queue.shape + " counts " + queue.live() + " of " + ready);
    }

    private static void checkLimits(State state) {
        Map<Limit, Integer> used = new HashMap<>();
        state.queues.values().forEach(queue -> queue.shares.forEach(share -> used.putIfAbsent(share.limit(), 0)));
        for (Attempt attempt : state.attempts.values()) {
            attempt.shares.forEach(share -> used.merge(share.limit(), share.weight(), Integer::sum));
        }
        used.forEach((limit, count) -> require(
                count == limit.used && count <= limit.most,
                limit.name + " counts " + limit.used + " of " + count + ", at most " + limit.most));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalStateException(message);
        }
    }
}
