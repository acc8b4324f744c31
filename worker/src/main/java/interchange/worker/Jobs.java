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
import java.util.Set;
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

    /**
     * For so long the end of a job that failed is not told on a batch system. Some signal all that a block has, our jobs
     * before us: when we are told to leave meanwhile, that is why it failed, by the signal or in its own words for it.
     */
    private static final long END_HELD_BACK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The same for one that was ended, and not by us: on a busy node our own turn comes seconds later. */
    private static final long SIGNALLED_HELD_BACK_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** By which batch systems end what they have: HUP, INT, KILL, USR1, USR2, TERM and XCPU. */
    private static final Set<Integer> ENDING = Set.of(1, 2, 9, 10, 12, 15, 24);

    /** What a shell adds to the signal of which its child died. */
    private static final int BY_SIGNAL = 128;

    /** For so long what a killed job printed may take to come back, of which the user wants to be rid. */
    private static final long KILLED_RETURN_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Of a job that our leaving has ended, and that runs again elsewhere. */
    private static final long LEFT_RETURN_NANOS = TimeUnit.SECONDS.toNanos(2);

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
    private final Map<Attempt, Failure> heldBack = new LinkedHashMap<>();
    /** They have ended, and what they made is on its way back: with what will be told of them. */
    private final Map<Attempt, Finished> returning = new LinkedHashMap<>();

    private final boolean batch;
    private final List<JobProcess> toTerminate = new ArrayList<>();
    /** When the node's trouble began; empty while there is none. */
    private OptionalLong troubledNanos = OptionalLong.empty();

    private long pausedUntilNanos = Long.MIN_VALUE;

    /** Makes a process of an attempt. */
    interface Start {
        JobProcess of(Attempt attempt) throws NotStartedException;
    }

    /** @param outOfMemory in words, that the kernel ended it; empty: it did not */
    private record Failure(Ended end, Optional<String> outOfMemory) {}

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
                Optional.ofNullable(held.get(id)).ifPresent(attempt -> onReturned(attempt, packed.problem()));
            case News.NotFetched refused ->
                Optional.ofNullable(fetching.remove(id)).ifPresent(attempt -> notStarted(attempt, refused.why()));
            case News.NoRoom full ->
                Optional.ofNullable(fetching.remove(id)).ifPresent(attempt -> {
                    LOG.warn("given back: {}", full.why());
                    finish(attempt, unmeasured(Cause.WORKER_LEFT, full.why()));
                    List.copyOf(fetching.keySet()).forEach(this::retract);
                });
            case News.Returned returned ->
                Optional.ofNullable(held.get(id)).ifPresent(attempt -> onReturned(attempt, returned.problem()));
        }
    }

    private void onReturned(Attempt attempt, Optional<String> problem) {
        Finished result = returning.remove(attempt);
        if (result == null) {
            return; // It was given up meanwhile.
        }
        timers.clear(attempt);
        // What a job prints is not what it is for: it has ended as it has.
        if (problem.isPresent() && !attempt.hasFiles() && result.getMessage().isEmpty()) {
            finish(attempt, result.toBuilder().setMessage(problem.get()).build());
            return;
        }
        finish(
                attempt,
                problem.isPresent() && attempt.hasFiles() && isWell(result)
                        ? result.toBuilder()
                                .setCause(Cause.NOT_RETURNED)
                                .setMessage("it ended with exit code 0, but " + problem.get())
                                .build()
                        : result);
    }

    private static boolean isWell(Finished result) {
        return result.getCause() == Cause.ENDED && result.getExitCode() == 0 && result.getSignal() == 0;
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
        forget(attempt);
        finish(attempt, unmeasured(Cause.WORKER_LEFT, message));
        retractAllWaiting();
        troubledNanos = OptionalLong.of(now);
    }

    private void notStarted(Attempt attempt, String message) {
        LOG.info("{} could not be started: {}", attempt.id(), message);
        forget(attempt);
        finish(attempt, unmeasured(Cause.NOT_STARTED, message));
    }

    /** It won't run here, so its directory goes. */
    private void forget(Attempt attempt) {
        if (attempt.travels()) {
            courier.drop(attempt.order());
        } else if (attempt.prints().isPresent()) {
            courier.drop(attempt.packOrder());
        }
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
        boolean failed = end.exitCode() != 0 || end.signal() != 0;
        var failure = new Failure(end, outOfMemory.of(attempt, end, running.values()));
        if (batch && failed && !attempt.isBeingKilled()) {
            heldBack.put(attempt, failure);
            timers.set(attempt, Timers.Kind.END_HELD_BACK, clock.bootNanos() + heldBackNanos(end));
        } else {
            finish(attempt, failure);
        }
    }

    private static long heldBackNanos(Ended end) {
        boolean signalled = ENDING.contains(end.signal() != 0 ? end.signal() : end.exitCode() - BY_SIGNAL);
        return signalled ? SIGNALLED_HELD_BACK_NANOS : END_HELD_BACK_NANOS;
    }

    private void release(Attempt attempt) {
        timers.clear(attempt);
        Optional.ofNullable(heldBack.remove(attempt)).ifPresent(failure -> finish(attempt, failure));
    }

    private void finish(Attempt attempt, Failure failure) {
        Ended end = failure.end();
        boolean outOfMemory = !attempt.isBeingKilled() && failure.outOfMemory().isPresent();
        long peakKiB = end.process().peakMemoryKiB();
        Finished result = Finished.newBuilder()
                .setCause(outOfMemory ? Cause.OUT_OF_MEMORY : causeOf(attempt, end))
                .setMessage(outOfMemory ? failure.outOfMemory().get() : why(attempt))
                .setExitCode(end.exitCode())
                .setSignal(end.signal())
                .setStartedEpochMillis(attempt.startedEpochMillis())
                .setEndedEpochMillis(end.epochMillis())
                .setCpuMillis(end.cpuMillis())
                .setPeakMemoryMib((peakKiB + 1023) / 1024)
                .setWarm(end.process().isWarm())
                .build();
        if (attempt.travels() || attempt.isPacked()) {
            bringBack(attempt, result);
        } else {
            finish(attempt, result);
        }
    }

    /** Until that is done it counts as running, for the daemon too: its outputs are not there for those who need them. */
    private void bringBack(Attempt attempt, Finished result) {
        returning.put(attempt, result);
        // What was ended half-way has made nothing that anyone should take for whole.
        if (attempt.isPacked()) {
            courier.pack(attempt.packOrder());
        } else {
            courier.bringBack(attempt.order(), result.getCause() != Cause.ENDED);
        }
        long now = clock.bootNanos();
        if (result.getCause() == Cause.KILLED) {
            timers.set(attempt, Timers.Kind.RETURN_OVER, now + KILLED_RETURN_NANOS);
        } else if (result.getCause() == Cause.WORKER_LEFT) {
            timers.set(attempt, Timers.Kind.RETURN_OVER, now + LEFT_RETURN_NANOS);
        }
    }

    /** What is not back by now is lost, and the end says so; what was done well was in vain then. */
    private void giveUpReturn(Attempt attempt, Cause cause) {
        Finished result = returning.remove(attempt);
        if (result == null) {
            return;
        }
        timers.clear(attempt);
        forget(attempt);
        finish(
                attempt,
                isWell(result) && attempt.hasFiles()
                        ? result.toBuilder()
                                .setCause(cause)
                                .setMessage("its outputs had not come back yet")
                                .build()
                        : result.toBuilder().setMessage(lost(attempt, result)).build());
    }

    private static String lost(Attempt attempt, Finished result) {
        String lost = attempt.isPacked()
                ? "there was no time to pack the last that it printed: it may be lost"
                : "there was no time to bring back what it printed: it is lost";
        return result.getMessage().isEmpty() ? lost : result.getMessage() + "; " + lost;
    }

    /** What was told that its block ends has not failed, but may have used the time to end well. */
    private static Cause causeOf(Attempt attempt, Ended end) {
        boolean endedWell = end.exitCode() == 0 && end.signal() == 0;
        return attempt.isCalledLast() && endedWell ? Cause.ENDED : attempt.killedFor();
    }

    private static String why(Attempt attempt) {
        if (attempt.killedFor() != Cause.WALLTIME) {
            return attempt.why();
        }
        long seconds = attempt.task().getWalltimeSeconds();
        return "its walltime of " + (seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s") + " was over";
    }

    /** What has started can't be retracted; its reports say so. */
    void retract(AttemptId id) {
        Attempt attempt = held.get(id);
        if (attempt == null || takeBack(id)) {
            Optional.ofNullable(attempt).ifPresent(this::forget);
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
            forget(attempt);
            finish(attempt, unmeasured(cause, ""));
        } else if (returning.containsKey(attempt)) {
            giveUpReturn(attempt, cause);
        } else if (attempt.isRunning()) {
            kill(attempt, cause, graceNanos);
        }
    }

    /** A later cause with less grace hastens the end of what is being killed; the first cause stands. */
    private void kill(Attempt attempt, Cause cause, long graceNanos) {
        if (heldBack.containsKey(attempt)) {
            attempt.killedFor(cause);
            release(attempt);
            return;
        }
        if (!attempt.isBeingKilled()) {
            attempt.killedFor(cause);
            toTerminate.add(attempt.process());
        } else if (attempt.timer().isEmpty()) {
            return; // It has had its KILL.
        }
        long hardNanos = clock.bootNanos() + graceNanos;
        long present =
                attempt.timer().filter(Jobs::isGrace).map(Timers.Timer::atNanos).orElse(Long.MAX_VALUE);
        if (graceNanos <= 0) {
            timers.clear(attempt);
            reaper.kill(attempt.process());
        } else if (hardNanos < present) {
            timers.set(attempt, Timers.Kind.GRACE_OVER, hardNanos);
        }
    }

    private static boolean isGrace(Timers.Timer timer) {
        return timer.kind() == Timers.Kind.GRACE_OVER;
    }

    void killAll(Cause cause, long graceNanos) {
        List.copyOf(heldBack.keySet()).forEach(attempt -> kill(attempt, cause, graceNanos));
        List.copyOf(running.values()).forEach(attempt -> kill(attempt, cause, graceNanos));
        List.copyOf(returning.keySet()).forEach(attempt -> hastenReturn(attempt, cause, graceNanos));
    }

    private void hastenReturn(Attempt attempt, Cause cause, long graceNanos) {
        long present = attempt.timer().map(Timers.Timer::atNanos).orElse(Long.MAX_VALUE);
        long latest = clock.bootNanos() + graceNanos;
        if (graceNanos <= 0) {
            giveUpReturn(attempt, cause);
        } else if (latest < present) {
            timers.set(attempt, Timers.Kind.RETURN_OVER, latest);
        }
    }

    /** Sends their TERM to all that were told to end since the last call. */
    void terminate() {
        if (!toTerminate.isEmpty()) {
            reaper.terminate(List.copyOf(toTerminate));
            toTerminate.clear();
        }
    }

    void onMemory(MemoryLook node) {
        for (MemoryRule.Breach breach : bounds.memory().judge(node, running.values())) {
            LOG.warn("{} is killed: {}", breach.attempt().id(), breach.why());
            breach.attempt().why(breach.why());
            kill(breach.attempt(), Cause.OUT_OF_MEMORY, 0);
        }
    }

    /** They have the rest of the block to end in order. */
    private void callLast(long now) {
        List<Attempt> told = running.values().stream()
                .filter(attempt -> !attempt.isBeingKilled() && LastCall.isWantedBy(attempt))
                .toList();
        for (Attempt attempt : told) {
            attempt.calledLast();
            attempt.why("it was told that its block was about to end");
            kill(attempt, Cause.WORKER_LEFT, bounds.lastCall().graceNanos(now));
        }
    }

    void fireTimers(long now, long graceNanos) {
        if (bounds.lastCall().isDue(now)) {
            callLast(now);
        }
        for (var due = timers.due(now); due.isPresent(); due = timers.due(now)) {
            Attempt attempt = due.get().attempt();
            switch (due.get().kind()) {
                case WALLTIME_OVER -> kill(attempt, Cause.WALLTIME, graceNanos);
                case GRACE_OVER -> reaper.kill(attempt.process());
                case END_HELD_BACK -> release(attempt);
                case RETURN_OVER -> giveUpReturn(attempt, Cause.WORKER_LEFT);
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
        return running.size() + heldBack.size() + returning.size();
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
