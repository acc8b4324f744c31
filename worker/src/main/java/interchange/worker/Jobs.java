package interchange.worker;

import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Held;
import interchange.proto.worker.Task;
import interchange.proto.worker.Waiting;
import interchange.worker.files.Courier;
import interchange.worker.files.News;
import interchange.worker.process.Clock;
import interchange.worker.process.Ended;
import interchange.worker.process.Environment;
import interchange.worker.process.JobProcess;
import interchange.worker.process.MemoryKills;
import interchange.worker.process.MemoryLook;
import interchange.worker.process.NodeTroubleException;
import interchange.worker.process.NotStartedException;
import interchange.worker.process.Reaper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The attempts of this worker from arrival to acknowledgement: who waits, who runs, who is being ended. The loop's. */
final class Jobs {
    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);

    /** How often a start is tried that failed for what the node lacks. */
    private static final long TROUBLE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Then what waits goes back to the daemon: on another node it may do better. */
    private static final long TROUBLE_MAX_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Start starter;
    private final Courier courier;
    private final Reaper reaper;
    private final Capacity capacity;
    private final Bounds bounds;
    private final Outbox outbox;
    private final Clock clock;
    private final OutOfMemory outOfMemory;
    private final Timers timers = new Timers();
    private final Map<AttemptId, Attempt> held = new HashMap<>();
    /** Their inputs are on their way. */
    private final LinkedHashMap<AttemptId, Attempt> fetching = new LinkedHashMap<>();

    private final LinkedHashMap<AttemptId, Attempt> waiting = new LinkedHashMap<>();
    private final Map<JobProcess, Attempt> running = new HashMap<>();
    private final HeldBack heldBack;
    private final Homecoming homecoming;
    private final Ending ending;

    private final boolean batch;
    /** When the node's trouble began; empty while there is none. */
    private OptionalLong troubledNanos = OptionalLong.empty();

    private long pausedUntilNanos = Long.MIN_VALUE;

    /** Makes a process of an attempt. */
    interface Start {
        JobProcess of(Attempt attempt) throws NotStartedException;
    }

    /**
     * @param kills what the kernel killed for want of memory
     * @param batch whether a batch system may signal jobs beside us
     */
    Jobs(
            Start starter,
            Courier courier,
            Reaper reaper,
            Capacity capacity,
            Bounds bounds,
            Outbox outbox,
            Clock clock,
            MemoryKills kills,
            boolean batch) {
        this.starter = starter;
        this.courier = courier;
        this.reaper = reaper;
        this.capacity = capacity;
        this.bounds = bounds;
        this.outbox = outbox;
        this.clock = clock;
        outOfMemory = new OutOfMemory(kills, clock);
        this.batch = batch;
        heldBack = new HeldBack(timers, clock);
        ending = new Ending(reaper, timers, bounds.lastCall(), clock);
        homecoming = new Homecoming(courier, timers, clock, this::finish);
    }

    /** One that is known already is ignored: messages may come twice. */
    void accept(Task task, Optional<Environment> environment) {
        AttemptId id = AttemptId.of(task.getAttempt());
        if (held.containsKey(id)) {
            return;
        }
        var attempt = new Attempt(id, task, environment.orElseGet(() -> new Environment(Map.of())));
        held.put(id, attempt);
        if (environment.isEmpty() && task.getEnvironment() != 0) {
            notStarted(attempt, "its environment, number " + task.getEnvironment() + ", was never sent");
        } else if (attempt.travels()) {
            // It overtakes nobody, and nobody waits for it: it stands in line when its inputs are here.
            fetching.put(id, attempt);
            courier.fetch(attempt.order());
        } else if (attempt.isPacked() && courier.lodging().isEmpty()) {
            fetching.put(id, attempt);
            courier.lodge(id.toProto());
        } else {
            courier.lodging().filter(_ -> attempt.isPacked()).ifPresent(attempt::lodge);
            waiting.put(id, attempt);
        }
    }

    void onNews(News news) {
        AttemptId id = AttemptId.of(news.attempt());
        switch (news) {
            case News.Fetched fetched -> {
                Attempt attempt = fetching.remove(id);
                if (attempt != null) {
                    attempt.folder(fetched.folder());
                    waiting.put(id, attempt);
                }
            }
            case News.Lodged(var _, Path lodging) -> {
                Attempt attempt = fetching.remove(id);
                if (attempt != null) {
                    attempt.lodge(lodging);
                    waiting.put(id, attempt);
                }
            }
            case News.Packed packed ->
                Optional.ofNullable(held.get(id))
                        .ifPresent(attempt -> homecoming.onReturned(attempt, packed.problem()));
            case News.NotFetched refused ->
                Optional.ofNullable(fetching.remove(id)).ifPresent(attempt -> notStarted(attempt, refused.why()));
            case News.NoRoom full ->
                Optional.ofNullable(fetching.remove(id)).ifPresent(attempt -> {
                    LOG.warn("given back: {}", full.why());
                    finish(attempt, unmeasured(Cause.WORKER_LEFT, full.why()));
                    List.copyOf(fetching.keySet()).forEach(this::retract);
                });
            case News.Returned returned ->
                Optional.ofNullable(held.get(id))
                        .ifPresent(attempt -> homecoming.onReturned(attempt, returned.problem()));
        }
    }

    /** Starts what fits, in order of arrival: none overtakes, or a large one might wait for ever. */
    void startNext() {
        start(waiting.pollFirstEntry().getValue());
    }

    boolean canStartNext() {
        Map.Entry<AttemptId, Attempt> first = waiting.firstEntry();
        return first != null
                && capacity.fits(first.getValue().task())
                && (troubledNanos.isEmpty() || clock.bootNanos() >= pausedUntilNanos);
    }

    private void start(Attempt attempt) {
        try {
            long epochMillis = clock.epochMillis();
            attempt.started(bounds.pinning().start(attempt, starter), epochMillis);
        } catch (NodeTroubleException e) {
            onTrouble(attempt, String.valueOf(e.getMessage()));
            return;
        } catch (NotStartedException e) {
            notStarted(attempt, String.valueOf(e.getMessage()));
            return;
        } catch (RuntimeException e) {
            // Ours, or a name that this JVM can't write. It must not take the jobs beside it along.
            LOG.error("{} could not be started", attempt.id(), e);
            notStarted(attempt, e.toString());
            return;
        }
        troubledNanos = OptionalLong.empty();
        long now = clock.bootNanos();
        capacity.take(attempt.task());
        attempt.process().asksFor(attempt.task().getMemoryMib() * 1024);
        outOfMemory.starts(attempt);
        running.put(attempt.process(), attempt);
        long walltimeSeconds = attempt.task().getWalltimeSeconds();
        if (walltimeSeconds > 0) {
            timers.set(attempt, Timers.Kind.WALLTIME_OVER, now + TimeUnit.SECONDS.toNanos(walltimeSeconds));
        }
        if (attempt.isPacked()) {
            courier.watch(attempt.packOrder());
        } else if (attempt.task().getPrints().getStream()) {
            courier.follow(attempt.order());
        }
        outbox.started(attempt, now);
    }

    /** The job is not to blame: it stays the next, and is the daemon's again when this doesn't pass. */
    private void onTrouble(Attempt attempt, String message) {
        long now = clock.bootNanos();
        if (troubledNanos.isEmpty()) {
            LOG.warn("nothing can be started: {}", message);
            troubledNanos = OptionalLong.of(now);
        }
        pausedUntilNanos = now + TROUBLE_PAUSE_NANOS;
        if (now - troubledNanos.getAsLong() < TROUBLE_MAX_NANOS) {
            waiting.putFirst(attempt.id(), attempt);
            return;
        }
        LOG.warn("given back: what waits here can't be started");
        homecoming.forget(attempt);
        finish(attempt, unmeasured(Cause.WORKER_LEFT, message));
        retractAllWaiting();
        troubledNanos = OptionalLong.of(now);
    }

    private void notStarted(Attempt attempt, String message) {
        LOG.info("{} could not be started: {}", attempt.id(), message);
        homecoming.forget(attempt);
        finish(attempt, unmeasured(Cause.NOT_STARTED, message));
    }

    private Finished unmeasured(Cause cause, String message) {
        return Finished.newBuilder()
                .setCause(cause)
                .setMessage(message)
                .setEndedEpochMillis(clock.epochMillis())
                .build();
    }

    private void finish(Attempt attempt, Finished result) {
        attempt.ended(result);
        outbox.finished(attempt, waiting.size(), clock.bootNanos());
    }

    void onEnded(Ended end) {
        Attempt attempt = running.remove(end.process());
        if (attempt == null) {
            throw new IllegalStateException("an end of what never started: " + end);
        }
        timers.clear(attempt);
        capacity.giveBack(attempt.task());
        bounds.pinning().giveBack(attempt);
        var failure = new HeldBack.Failure(end, outOfMemory.of(attempt, end, running.values()));
        boolean isExplained = attempt.isBeingKilled() || attempt.isCalledLast();
        if (batch && !EndReport.endedWell(end) && !isExplained) {
            heldBack.add(attempt, failure);
        } else {
            finish(attempt, failure);
        }
    }

    /** A process of the worker that is no job was killed, and not by us. */
    void onKilledBeside() {
        outOfMemory.killedBeside();
    }

    private void release(Attempt attempt) {
        heldBack.release(attempt).ifPresent(failure -> finish(attempt, failure));
    }

    private void finish(Attempt attempt, HeldBack.Failure failure) {
        Finished result = EndReport.of(attempt, failure.end(), failure.outOfMemory());
        if (attempt.travels() || attempt.isPacked()) {
            homecoming.bringBack(attempt, result);
        } else {
            finish(attempt, result);
        }
    }

    /** What has started can't be retracted; its reports say so. */
    void retract(AttemptId id) {
        Attempt attempt = held.get(id);
        if (attempt == null || takeBack(id)) {
            Optional.ofNullable(attempt).ifPresent(homecoming::forget);
            held.remove(id);
            outbox.retracted(id, clock.bootNanos());
        }
    }

    void retractAllWaiting() {
        List.copyOf(waiting.keySet()).forEach(this::retract);
        List.copyOf(fetching.keySet()).forEach(this::retract);
    }

    /** Whether it had not started; now it won't. */
    private boolean takeBack(AttemptId id) {
        return waiting.remove(id) != null || fetching.remove(id) != null;
    }

    void kill(AttemptId id, Cause cause, long graceNanos) {
        Attempt attempt = held.get(id);
        if (attempt == null) {
            return;
        }
        if (takeBack(id)) {
            homecoming.forget(attempt);
            finish(attempt, unmeasured(cause, ""));
        } else if (homecoming.isOnItsWay(attempt)) {
            homecoming.cancel(attempt, cause);
        } else if (attempt.isRunning()) {
            kill(attempt, cause, graceNanos);
        }
    }

    private void kill(Attempt attempt, Cause cause, long graceNanos) {
        if (heldBack.has(attempt)) {
            attempt.killedFor(cause);
            release(attempt);
            return;
        }
        ending.end(attempt, cause, graceNanos);
    }

    void killAll(Cause cause, long graceNanos) {
        heldBack.all().forEach(attempt -> kill(attempt, cause, graceNanos));
        List.copyOf(running.values()).forEach(attempt -> kill(attempt, cause, graceNanos));
        homecoming.hastenAll(cause, graceNanos);
    }

    /** Sends their TERM to all that were told to end since the last call. */
    void terminate() {
        ending.terminate();
    }

    void onMemory(MemoryLook node) {
        for (MemoryRule.Breach breach : bounds.memory().judge(node, running.values())) {
            LOG.warn("{} is killed: {}", breach.attempt().id(), breach.why());
            breach.attempt().why(breach.why());
            kill(breach.attempt(), Cause.OUT_OF_MEMORY, 0);
        }
    }

    void fireTimers(long now, long graceNanos) {
        if (bounds.lastCall().isDue(now)) {
            ending.callLast(running.values(), now);
        }
        for (var due = timers.due(now); due.isPresent(); due = timers.due(now)) {
            Attempt attempt = due.get().attempt();
            switch (due.get().kind()) {
                case WALLTIME_OVER -> ending.onWalltimeOver(attempt, now, graceNanos);
                case CALL_OVER -> ending.end(attempt, Cause.WORKER_LEFT, 0);
                case GRACE_OVER -> ending.endHard(attempt);
                case END_HELD_BACK -> release(attempt);
                case RETURN_OVER -> homecoming.giveUp(attempt, Cause.WORKER_LEFT);
            }
        }
    }

    long nextTimerNanos() {
        boolean paused = troubledNanos.isPresent() && !waiting.isEmpty();
        long next = Math.min(timers.nextNanos(), bounds.lastCall().dueNanos());
        return paused ? Math.min(next, pausedUntilNanos) : next;
    }

    void acknowledged(AttemptId id) {
        outbox.acknowledged(id).ifPresent(attempt -> held.remove(attempt.id()));
    }

    /** Those as well whose end is held back, or whose outputs are on their way. */
    int runningCount() {
        return running.size() + heldBack.count() + homecoming.count();
    }

    /** For a Hello. */
    List<Held> everything() {
        var all = new ArrayList<Held>(held.size());
        for (Attempt attempt : held.values()) {
            var one = Held.newBuilder().setAttempt(attempt.id().toProto());
            if (attempt.result().isPresent()) {
                one.setFinished(attempt.result().get());
            } else if (attempt.isRunning()) {
                one.setStarted(Outbox.startOf(attempt));
            } else {
                one.setWaiting(Waiting.getDefaultInstance());
            }
            all.add(one.build());
        }
        return all;
    }
}
