package interchange.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who is connected, who may still be alive, and when what somebody ran may be given to another. */
final class WorkerFlow {
    /** Heartbeats that may be missing before a worker is given nothing new. */
    static final int SILENT_AFTER_HEARTBEATS = 3;

    private final State state;
    private final JobFlow jobs;
    private final AttemptFlow attempts;
    private final Matcher matcher;
    private final BlockFlow blocks;

    WorkerFlow(State state, JobFlow jobs, AttemptFlow attempts, Matcher matcher, BlockFlow blocks) {
        this.state = state;
        this.jobs = jobs;
        this.attempts = attempts;
        this.matcher = matcher;
        this.blocks = blocks;
    }

    // ---- Hello

    void onHello(long link, Hello hello) {
        Block block = state.blocksByToken.get(hello.blockToken());
        if (block == null
                || block.releasing
                || state.stopping.filter(mode -> mode == StopMode.NOW).isPresent()) {
            refuse(link, "block '" + hello.blockToken() + "' is not wanted by this daemon", false);
            return;
        }
        Place place = new Place(block.id, hello.blockRestarts(), hello.rank());
        Optional<Worker> known = Optional.ofNullable(block.workers.get(place));
        if (known.isPresent() && !known.get().incarnation.equals(hello.incarnation())) {
            Worker before = known.get();
            if (hello.start() < before.start) {
                refuse(link, "a later worker is at this place", false);
                return;
            }
            if (hello.start() == before.start) {
                refuse(link, "another worker may still be alive at this place", true);
                return;
            }
            // Of workers between the two, which nobody heard, nobody knows what they took the place of.
            boolean knownWhy = hello.start() == before.start + 1;
            if (knownWhy && !hello.earlierFenced()) {
                leave(before, AttemptEnd.WORKER_DIED, "its keeper saw it dead");
                blocks.trouble(before.site, before.host, "its worker died");
            } else {
                leave(before, AttemptEnd.WORKER_LEFT, "its keeper saw it gone");
            }
            known = Optional.empty();
        }
        if (known.isEmpty() && block.phase.over()) {
            refuse(link, "block " + block.id + " is over", false);
            return;
        }
        if (known.isEmpty() && hello.blockRestarts() < block.heardRestarts) {
            refuse(link, "a later start of block " + block.id + " is at work", false);
            return;
        }
        if (known.isPresent() && hello.number() <= known.get().helloNumber) {
            return;
        }
        Worker worker = known.orElseGet(() -> join(block, place, hello));
        worker.helloNumber = hello.number();
        blocks.onHeard(block);
        welcome(link, worker, hello);
    }

    private void refuse(long link, String reason, boolean tryAgain) {
        state.out.perform(new Effect.Refuse(link, reason, tryAgain));
    }

    private Worker join(Block block, Place place, Hello hello) {
        long deadline = hello.remainingSeconds() < 0 ? -1 : state.now.epochMillis() + hello.remainingSeconds() * 1_000;
        Change.WorkerJoined row = new Change.WorkerJoined(
                state.nextWorker++,
                place,
                hello.start(),
                hello.incarnation(),
                hello.host(),
                hello.pid(),
                hello.cores(),
                hello.memoryMiB(),
                deadline,
                state.now.epochMillis());
        state.out.write(row);
        Worker worker = new Worker(row, block.site, block);
        add(worker);
        buryEarlier(block, worker);
        // One that the batch system gives all the same, though it was asked not to, is better than none.
        boolean insisted = block.avoided.contains(worker.host);
        if (worker.site.nodes.isAside(worker.host, state.millis()) && !insisted) {
            worker.draining = true;
        }
        if (!block.recovered && hello.start() == 1 && hello.remainingSeconds() > 0) {
            worker.site.freshMillis = Math.max(worker.site.freshMillis, hello.remainingSeconds() * 1_000);
        }
        return worker;
    }

    /** Before a block's later start begins on a node, all that an earlier one left there has been killed. */
    private void buryEarlier(Block block, Worker later) {
        for (Worker earlier : List.copyOf(block.workers.values())) {
            if (earlier.place.restarts() < later.place.restarts() && earlier.host.equals(later.host)) {
                leave(earlier, AttemptEnd.WORKER_LEFT, "its block was started anew on its node");
            }
        }
    }

    void add(Worker worker) {
        state.workers.put(worker.id, worker);
        worker.block.workers.put(worker.place, worker);
        worker.block.lost.remove(worker.place);
        worker.block.left.remove(worker.place);
        worker.block.heardRestarts = Math.max(worker.block.heardRestarts, worker.place.restarts());
        worker.block.restarts = Math.max(worker.block.restarts, worker.block.heardRestarts);
        worker.site.workers.add(worker);
        worker.site.learnOffers();
    }

    private void welcome(long link, Worker worker, Hello hello) {
        closeSession(worker);
        worker.session = state.nextSession();
        state.sessions.put(worker.session, worker);
        heard(worker);
        worker.lastSentMillis = state.millis();
        worker.silent = false;
        if (hello.leaving()) {
            takesNothing(worker);
        }
        List<AttemptId> kill = new ArrayList<>();
        List<AttemptId> acknowledged = new ArrayList<>();
        List<Attempt> absent = new ArrayList<>(worker.attempts.values());
        for (Hello.Held held : hello.held()) {
            Attempt attempt = worker.attempts.get(held.attempt());
            absent.remove(attempt);
            judge(held, attempt, kill, acknowledged);
        }
        state.out.perform(new Effect.Welcome(link, worker.session, worker.id, worker.site.index(), kill, acknowledged));
        absent.forEach(this::sendAgain);
        if (worker.draining) {
            state.out.perform(new Effect.DrainWorker(worker.session));
        }
        matcher.touch(worker);
    }

    private void judge(
            Hello.Held held,
            @org.jspecify.annotations.Nullable Attempt attempt,
            List<AttemptId> kill,
            List<AttemptId> acknowledged) {
        if (held.outcome().isPresent()) {
            acknowledged.add(held.attempt());
            if (attempt != null) {
                attempts.finished(attempt, held.outcome().get());
            }
        } else if (attempt == null || jobs.unwanted(attempt)) {
            kill.add(held.attempt());
        } else {
            if (held.startedEpochMillis() > 0) {
                attempts.started(attempt, held.startedEpochMillis());
            }
            if (attempt.retracting && !attempt.started()) {
                state.out.retract(attempt.worker, attempt.id);
            }
        }
    }

    /** It was given and never arrived: the same again, under its name; or not at all where nobody wants it now. */
    private void sendAgain(Attempt attempt) {
        if (attempt.worker.attempts.get(attempt.id) != attempt) {
            return;
        }
        if (jobs.unwanted(attempt)) {
            attempts.lost(attempt, AttemptEnd.CANCELLED, "cancelled before it started");
        } else if (attempt.retracting || state.stopping.isPresent() || attempt.worker.draining) {
            attempts.lost(attempt, AttemptEnd.RETRACTED, "");
        } else {
            state.out.start(attempt.worker, attempt.id);
        }
    }

    private void closeSession(Worker worker) {
        if (worker.connected()) {
            state.sessions.remove(worker.session);
            state.out.perform(new Effect.ForgetSession(worker.session));
            worker.session = Worker.NO_SESSION;
        }
    }

    // ---- heartbeats and leases

    /** Touches nothing durable: it is answered even while the journal can't be written. */
    void onHeartbeat(long session, long number) {
        state.session(session).ifPresent(worker -> {
            heard(worker);
            worker.lastSentMillis = state.millis();
            state.out.perform(new Effect.AnswerHeartbeat(session, number));
        });
    }

    private void heard(Worker worker) {
        worker.lastHeardMillis = state.millis();
        if (worker.silent) {
            worker.silent = false;
            matcher.touch(worker);
        }
    }

    void onLeaving(long session) {
        state.session(session).ifPresent(WorkerFlow::takesNothing);
    }

    private static void takesNothing(Worker worker) {
        worker.draining = true;
        worker.site.roomy.remove(worker);
    }

    void onGoodbye(long session, String reason) {
        state.session(session).ifPresent(worker -> {
            // All it held has been reported before: what is left of it never reached it.
            for (Attempt attempt : new ArrayList<>(worker.attempts.values())) {
                attempts.lost(attempt, attempt.started() ? AttemptEnd.WORKER_LEFT : AttemptEnd.RETRACTED, reason);
            }
            leave(worker, AttemptEnd.WORKER_LEFT, reason);
            worker.block.left.add(worker.place);
        });
    }

    void onTick() {
        long silentAfter = state.timing.heartbeat().toMillis() * SILENT_AFTER_HEARTBEATS;
        for (Worker worker : new ArrayList<>(state.workers.values())) {
            if (worker.connected() && !worker.silent && state.millis() - worker.lastHeardMillis > silentAfter) {
                worker.silent = true;
                worker.site.roomy.remove(worker);
            }
            boolean suspended = worker.block.phase == BlockPhase.SUSPENDED;
            if (!suspended && state.millis() > worker.leaseEndMillis(state.timing)) {
                leave(worker, AttemptEnd.WORKER_LEFT, "it was not heard until its lease ended");
                blocks.lost(worker.block, worker.place);
                blocks.trouble(worker.site, worker.host, "its worker was not heard until its lease ended");
            } else if (isNearItsEnd(worker)) {
                blocks.drain(worker);
            }
        }
    }

    /** It has nothing, and too little time is left for most of what may come: its node is given back. */
    private boolean isNearItsEnd(Worker worker) {
        return worker.usable()
                && worker.attempts.isEmpty()
                && worker.remainingMillis(state.now)
                        <= worker.site.site.drainBefore().toMillis();
    }

    /** Its batch system says that all of it is dead. A worker that is heard all the same is asked to end, and waited for. */
    void bury(Block block) {
        AttemptEnd end = endOfAll(block);
        for (Worker worker : List.copyOf(block.workers.values())) {
            boolean lives = worker.connected() && worker.lastHeardMillis > block.overSinceMillis;
            if (!lives) {
                leave(worker, end, "its block ended: " + block.message);
            } else if (!worker.toldToEnd) {
                worker.toldToEnd = true;
                takesNothing(worker);
                state.out.perform(new Effect.Notice("worker " + worker.id + " on " + worker.host
                        + " is heard, though its batch system says that block " + block.id + " ended ("
                        + block.message + "): it is told to end"));
                state.out.perform(new Effect.ShutDownWorker(worker.session));
            }
        }
    }

    /** Where the batch system ended it for want of memory, one job alone is to blame; of several each may be. */
    private static AttemptEnd endOfAll(Block block) {
        if (block.phase != BlockPhase.OUT_OF_MEMORY) {
            return AttemptEnd.BLOCK_ENDED;
        }
        int started = 0;
        for (Worker worker : block.workers.values()) {
            for (Attempt attempt : worker.attempts.values()) {
                started += attempt.started() ? 1 : 0;
            }
        }
        return started == 1 ? AttemptEnd.OUT_OF_MEMORY : AttemptEnd.WORKER_DIED;
    }

    /** A worker is surely dead: what it ran may be run by others. */
    void leave(Worker worker, AttemptEnd end, String reason) {
        for (Attempt attempt : new ArrayList<>(worker.attempts.values())) {
            AttemptEnd wanted = jobs.unwanted(attempt) ? AttemptEnd.CANCELLED : end;
            attempts.lost(attempt, wanted, reason);
        }
        state.out.write(new Change.WorkerLeft(worker.id, reason, state.now.epochMillis()));
        closeSession(worker);
        state.workers.remove(worker.id);
        worker.block.workers.remove(worker.place);
        worker.site.workers.remove(worker);
        worker.site.learnOffers();
        worker.site.roomy.remove(worker);
        worker.keptFor.ifPresent(ReadyQueue::letGo);
        worker.draining = true;
        blocks.forgetIfDone(worker.block);
    }

    void onStalled(long millis) {
        for (Worker worker : state.workers.values()) {
            worker.lastSentMillis += millis;
            worker.lastHeardMillis += millis;
        }
    }
}
