package interchange.core;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Brings ready jobs and workers with room together. It looks at queues and at workers that something has happened to,
 * never at every job.
 */
final class Matcher {
    /** Attempts that a worker may be given beyond its room, at most. */
    static final int MAX_AHEAD = 128;

    /** So much work a worker may have waiting, so that short jobs never wait for a round trip. */
    static final int AHEAD_MILLIS = 200;

    private final State state;

    @Fleeting
    private final Set<ReadyQueue> touchedQueues = new LinkedHashSet<>();

    @Fleeting
    private final Set<Worker> touchedWorkers = new LinkedHashSet<>();

    Matcher(State state) {
        this.state = state;
    }

    void touch(ReadyQueue queue) {
        touchedQueues.add(queue);
    }

    void touch(Worker worker) {
        touchedWorkers.add(worker);
    }

    /** An attempt is over: its worker has room again. */
    void release(Attempt attempt) {
        Worker worker = attempt.worker;
        worker.release(attempt);
        state.attempts.remove(attempt.id);
        touch(worker);
        for (Limit.Share share : attempt.shares) {
            share.limit().used -= share.weight();
            touchedQueues.addAll(share.limit().queues);
        }
    }

    void match() {
        if (state.stopping.isEmpty()) {
            touchedWorkers.forEach(this::fill);
            touchedQueues.forEach(this::place);
            touchedWorkers.forEach(this::fillAhead);
        }
        touchedWorkers.clear();
        touchedQueues.clear();
    }

    private void fill(Worker worker) {
        while (worker.usable()) {
            Optional<ReadyQueue> best = bestFor(worker);
            if (best.isEmpty()) {
                break;
            }
            assign(best.get(), worker, false);
        }
        if (worker.usable() && worker.freeCores() > 0) {
            worker.site.roomy.add(worker);
        } else {
            worker.site.roomy.remove(worker);
        }
    }

    private Optional<ReadyQueue> bestFor(Worker worker) {
        ReadyQueue best = null;
        ReadyQueue passedOver = null;
        for (ReadyQueue queue : worker.site.queues) {
            if (!dropStale(queue)) {
                continue;
            }
            if (!queue.mayStart()) {
                // What waits for a limit is not what others pass.
                queue.notPassedOver();
            } else if (fits(queue, worker)) {
                best = better(queue, best);
            } else if (couldHold(queue, worker)) {
                passedOver = better(queue, passedOver);
            }
        }
        if (best != null && passedOver != null && better(best, passedOver) == passedOver) {
            passedOver.passedOver(state.millis());
        }
        return Optional.ofNullable(best);
    }

    private static ReadyQueue better(ReadyQueue queue, @org.jspecify.annotations.Nullable ReadyQueue other) {
        return other == null || queue.headRank() < other.headRank() ? queue : other;
    }

    /** Ready jobs that nobody's end made room for: perhaps some worker has had room all the while. */
    private void place(ReadyQueue queue) {
        Iterator<Worker> workers = queue.site.roomy.iterator();
        while (dropStale(queue) && queue.mayStart() && workers.hasNext()) {
            Worker worker = workers.next();
            while (worker.usable() && dropStale(queue) && queue.mayStart() && fits(queue, worker)) {
                assign(queue, worker, false);
            }
            if (!worker.usable() || worker.freeCores() <= 0) {
                workers.remove();
            }
        }
    }

    private void fillAhead(Worker worker) {
        if (!worker.usable() || worker.exclusive || worker.freeCores() > 0) {
            return;
        }
        for (ReadyQueue queue : worker.site.queues) {
            int limit = dropStale(queue) && mayWait(queue, worker) ? aheadLimit(queue, worker) : 0;
            // Filled up in one go when half empty, so that there is one message and not one for each job.
            if (worker.aheadCount <= limit / 2) {
                while (worker.aheadCount < limit
                        && dropStale(queue)
                        && queue.mayStart()
                        && aheadLimit(queue, worker) >= limit) {
                    assign(queue, worker, true);
                }
            }
        }
    }

    private boolean mayWait(ReadyQueue queue, Worker worker) {
        return !worker.site.runsAlone(queue.shape)
                && queue.reserved().isEmpty()
                && worker.isLargeEnoughFor(queue.shape)
                && worker.keptFor.isEmpty()
                && worker.hasTimeFor(queue.shape.walltimeSeconds(), state.now);
    }

    private int aheadLimit(ReadyQueue queue, Worker worker) {
        Run run = state.run(queue.headRun());
        float mean = run.meanMillis[run.graph.labels()[queue.headJob()]];
        if (mean <= 0) {
            return 0;
        }
        float slots = (float) worker.cores / Math.max(1, queue.shape.cpus());
        return (int) Math.min(MAX_AHEAD, AHEAD_MILLIS * slots / mean);
    }

    /** Drops what is not ready any more from the head; false when nothing is left. */
    private boolean dropStale(ReadyQueue queue) {
        while (!queue.isEmpty()) {
            Run run = state.runs.get(queue.headRun());
            if (run != null && run.state(queue.headJob()) == JobState.READY) {
                return true;
            }
            queue.drop();
        }
        return false;
    }

    private boolean fits(ReadyQueue queue, Worker worker) {
        if (worker.exclusive || (worker.keptFor.isPresent() && worker.keptFor.get() != queue)) {
            return false;
        }
        Shape shape = queue.shape;
        boolean room = worker.site.runsAlone(shape)
                ? worker.attempts.isEmpty() && isLargest(worker, shape)
                : worker.hasRoomFor(shape);
        return room && worker.hasTimeFor(shape.walltimeSeconds(), state.now);
    }

    /** Whether a worker could run a job of this shape if it had nothing else. */
    private boolean couldHold(ReadyQueue queue, Worker worker) {
        Shape shape = queue.shape;
        boolean large = worker.site.runsAlone(shape) ? isLargest(worker, shape) : worker.isLargeEnoughFor(shape);
        return large && worker.hasTimeFor(shape.walltimeSeconds(), state.now);
    }

    /** Of those with time for it; by what the job lacks. */
    private boolean isLargest(Worker worker, Shape shape) {
        for (Worker other : worker.site.workers) {
            boolean larger = shape.memoryMiB() > worker.memoryMiB
                    ? other.memoryMiB > worker.memoryMiB
                    : other.cores > worker.cores;
            if (larger && other.usable() && other.hasTimeFor(shape.walltimeSeconds(), state.now)) {
                return false;
            }
        }
        return true;
    }

    private void assign(ReadyQueue queue, Worker worker, boolean ahead) {
        Run run = state.run(queue.headRun());
        int job = queue.headJob();
        queue.take();
        AttemptId id = new AttemptId(run.id(), job, run.attempts[job]++);
        Attempt attempt = new Attempt(id, worker, queue);
        attempt.shares.forEach(share -> share.limit().used += share.weight());
        attempt.ahead = ahead;
        attempt.assignedSteadyMillis = state.millis();
        worker.take(attempt);
        worker.block.worked = true;
        state.attempts.put(id, attempt);
        run.openAttempts++;
        run.become(job, JobState.PENDING);
        state.out.write(new Change.AttemptAssigned(id, run.generation, worker.id, state.now.epochMillis()));
        state.out.start(worker, id);
    }

    // ---- timers

    void onTick() {
        for (SiteState site : state.sites.values()) {
            reserve(site);
            takeBackWhatWaits(site);
            site.workers.forEach(this::touch);
        }
    }

    /** Keeps a worker free for a job that smaller ones have passed too long; forgets shapes that nothing waits in. */
    private void reserve(SiteState site) {
        Iterator<ReadyQueue> queues = site.queues.iterator();
        while (queues.hasNext()) {
            ReadyQueue queue = queues.next();
            if (dropStale(queue)) {
                reserve(site, queue);
            } else {
                queue.close();
                queues.remove();
                state.queues.remove(queue.shape);
            }
        }
    }

    private void reserve(SiteState site, ReadyQueue queue) {
        queue.reserved()
                .filter(worker -> !worker.usable() || !couldHold(queue, worker))
                .ifPresent(gone -> queue.letGo());
        long patience = state.timing.reserveAfter().toMillis();
        if (queue.reserved().isEmpty() && queue.passedOverFor(state.millis()) > patience) {
            freest(site, queue).ifPresent(queue::reserve);
        }
    }

    private Optional<Worker> freest(SiteState site, ReadyQueue queue) {
        Worker best = null;
        for (Worker worker : site.workers) {
            boolean free = worker.usable() && worker.keptFor.isEmpty() && couldHold(queue, worker);
            if (free && (best == null || worker.freeCores() > best.freeCores())) {
                best = worker;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Where there is room, what waits at workers that have none is asked back, as much as the room may be for. */
    private void takeBackWhatWaits(SiteState site) {
        int room = 0;
        Worker freest = null;
        for (Worker worker : site.roomy) {
            if (worker.usable() && !worker.exclusive && worker.keptFor.isEmpty()) {
                room += worker.freeCores();
                freest = freest == null || worker.freeCores() > freest.freeCores() ? worker : freest;
            }
        }
        if (freest == null) {
            return;
        }
        for (Worker worker : site.workers) {
            if (worker.aheadCount > 0 && worker != freest && worker.connected()) {
                room = takeBack(worker, freest, room);
            }
        }
    }

    private int takeBack(Worker worker, Worker freest, int room) {
        int left = room;
        for (Attempt attempt : worker.attempts.values()) {
            boolean stuck = attempt.ahead
                    && !attempt.started()
                    && !attempt.retracting
                    && state.millis() - attempt.assignedSteadyMillis > AHEAD_MILLIS;
            if (stuck && left > 0 && freest.hasRoomFor(attempt)) {
                attempt.retracting = true;
                state.out.retract(worker, attempt.id);
                left -= Math.max(1, attempt.cpus);
            }
        }
        return left;
    }
}
