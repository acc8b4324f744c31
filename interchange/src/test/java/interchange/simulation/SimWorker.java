package interchange.simulation;

import interchange.core.AttemptId;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Hello;
import interchange.core.JobId;
import interchange.core.Outcome;
import interchange.core.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A worker as the protocol asks it to be, with the ways in which one can suffer. */
final class SimWorker {
    static final long HEARTBEAT_MILLIS = 10_000;
    private static final long TICK_MILLIS = 1_000;
    private static final long LEAVE_MILLIS = 10_000;

    private static final class Job {
        final SimJob what;
        final AttemptId id;
        long startedMillis;
        boolean ended;
        boolean killing;
        Optional<Outcome> outcome = Optional.empty();

        Job(SimJob what, AttemptId id) {
            this.what = what;
            this.id = id;
        }

        boolean running() {
            return startedMillis > 0 && !ended;
        }
    }

    final Place place;
    final String incarnation;
    private final Simulation world;
    private final SimKeeper keeper;
    private final int start;
    private final Map<AttemptId, Job> held = new LinkedHashMap<>();
    private final Map<Long, Long> heartbeatsSent = new HashMap<>();
    private final List<Runnable> whenThawed = new ArrayList<>();

    private boolean alive = true;
    private long frozenUntil;
    private SimLink link;
    private long session;
    private long sequence;
    private long hellos;
    private long helloSentMillis;
    private long heartbeat;
    private long lastHeardMillis;
    private long lastHeartbeatMillis;
    private long leaseFromMillis;
    private boolean leaving;
    private boolean shuttingDown;
    private long leaveBeganMillis;

    SimWorker(Simulation world, SimKeeper keeper, Place place, int start) {
        this.world = world;
        this.keeper = keeper;
        this.place = place;
        this.start = start;
        this.incarnation = "w" + world.nextNumber();
        this.leaseFromMillis = world.clock.millis();
        this.link = world.connect(this);
        world.clock.in(world.random.nextInt(500), this::hello);
        world.clock.in(TICK_MILLIS, this::tick);
    }

    boolean alive() {
        return alive;
    }

    long leaseEndMillis() {
        return leaseFromMillis + world.site.disconnectGrace().toMillis();
    }

    boolean isCutOff() {
        return keeper.isCutOff();
    }

    boolean frozen() {
        return world.clock.millis() < frozenUntil;
    }

    // ---- what the world does to it

    /** SIGSTOP of the worker alone: its jobs run on. */
    void freeze(long millis) {
        frozenUntil = Math.max(frozenUntil, world.clock.millis() + millis);
        world.clock.in(millis, () -> {
            if (alive && !frozen()) {
                checkLease();
                List<Runnable> late = List.copyOf(whenThawed);
                whenThawed.clear();
                late.forEach(action -> {
                    if (alive) {
                        action.run();
                    }
                });
            }
        });
    }

    /** SIGKILL of the worker and, by its keeper or its block's end, of all its jobs. */
    void die() {
        if (!alive) {
            return;
        }
        alive = false;
        held.values().forEach(this::stop);
    }

    /** What it was running, or had run and not told: a sudden death is blamed on these. */
    List<JobId> begun() {
        return held.values().stream()
                .filter(job -> job.startedMillis > 0)
                .map(job -> job.id.jobId())
                .toList();
    }

    void cutLink() {
        link.cut();
    }

    private void stop(Job job) {
        if (job.running()) {
            job.ended = true;
            world.executions.end(job.id);
        }
    }

    // ---- messages

    void receive(SimLink from, SimLink.Down message) {
        if (!alive) {
            return;
        }
        if (frozen()) {
            whenThawed.add(() -> receive(from, message));
            return;
        }
        checkLease();
        if (!alive || from != link) {
            return;
        }
        switch (message.effect()) {
            case Effect.Welcome welcome -> onWelcome(welcome);
            case Effect.Refuse refuse -> onRefused(refuse);
            case Effect other -> onSequenced(message, other);
        }
        startWhatFits();
    }

    private void onWelcome(Effect.Welcome welcome) {
        if (welcome.session() <= session) {
            return;
        }
        session = welcome.session();
        sequence = 1;
        heard();
        leaseFromMillis = Math.max(leaseFromMillis, helloSentMillis);
        heartbeat = 0;
        heartbeatsSent.clear();
        lastHeartbeatMillis = world.clock.millis();
        welcome.acknowledged().forEach(held::remove);
        welcome.kill().forEach(this::onKill);
    }

    private void onRefused(Effect.Refuse refuse) {
        if (session != 0) {
            return;
        }
        heard();
        if (refuse.tryAgain()) {
            world.clock.in(5_000, this::hello);
        } else {
            die();
            keeper.onLeft(this);
        }
    }

    private void onSequenced(SimLink.Down message, Effect effect) {
        if (message.session() != session || session == 0 || message.sequence() <= sequence) {
            return;
        }
        if (message.sequence() > sequence + 1) {
            hello();
            return;
        }
        sequence = message.sequence();
        heard();
        switch (effect) {
            case Effect.Start e -> e.attempts().forEach(this::onStart);
            case Effect.Retract e -> e.attempts().forEach(this::onRetract);
            case Effect.Kill e -> e.attempts().forEach(this::onKill);
            case Effect.Acknowledge e -> e.attempts().forEach(held::remove);
            case Effect.AnswerHeartbeat e -> onHeartbeatAnswered(e.number());
            case Effect.DrainWorker e -> leave(false);
            case Effect.ShutDownWorker e -> leave(true);
            case Effect e -> throw new AssertionError("not for a worker: " + e);
        }
    }

    private void heard() {
        lastHeardMillis = world.clock.millis();
    }

    private void onHeartbeatAnswered(long number) {
        Long sent = heartbeatsSent.get(number);
        if (sent != null) {
            leaseFromMillis = Math.max(leaseFromMillis, sent);
        }
    }

    private void onStart(AttemptId id) {
        if (held.containsKey(id)) {
            return;
        }
        held.put(id, new Job(world.job(id.jobId()), id));
        if (leaving) {
            onRetract(id);
        }
    }

    private void onRetract(AttemptId id) {
        Job job = held.get(id);
        if (job != null && job.startedMillis == 0 && !job.ended) {
            held.remove(id);
            link.up(new Event.AttemptRetracted(session, id));
        }
    }

    private void onKill(AttemptId id) {
        Job job = held.get(id);
        if (job == null || job.ended || job.killing) {
            return;
        }
        job.killing = true;
        long patience = job.startedMillis == 0
                ? 0
                : world.random.nextLong(world.site.killGrace().toMillis());
        whenAwake(patience, () -> {
            if (!job.ended) {
                stop(job);
                finish(job, new Outcome(Outcome.Cause.KILLED, 0, 15, "", job.startedMillis, now(), 0, 0, false));
            }
        });
    }

    private void hello() {
        if (!alive) {
            return;
        }
        session = 0;
        hellos++;
        helloSentMillis = world.clock.millis();
        lastHeardMillis = world.clock.millis();
        List<Hello.Held> list = new ArrayList<>();
        held.values().forEach(job -> list.add(new Hello.Held(job.id, job.startedMillis, job.outcome)));
        link.up(new Event.WorkerHello(
                link.id,
                new Hello(
                        incarnation,
                        hellos,
                        keeper.token(),
                        place.restarts(),
                        place.rank(),
                        start,
                        keeper.earlierFenced(),
                        keeper.host(),
                        1,
                        world.nodeCores,
                        world.nodeMemoryMiB,
                        keeper.remainingSeconds(),
                        list)));
    }

    // ---- jobs

    private void startWhatFits() {
        int used = 0;
        for (Job job : held.values()) {
            used += job.running() ? world.cpus(job.id.jobId()) : 0;
        }
        for (Job job : held.values()) {
            boolean waits = job.startedMillis == 0 && !job.ended && !job.killing && !leaving;
            int cpus = world.cpus(job.id.jobId());
            if (waits && (used == 0 || used + cpus <= world.nodeCores)) {
                used += cpus;
                begin(job);
            }
        }
    }

    private void begin(Job job) {
        job.startedMillis = now();
        world.executions.begin(job.id);
        link.up(new Event.AttemptStarted(session, job.id, job.startedMillis));
        world.clock.in(job.what.durationMillis(), () -> {
            if (!job.ended) {
                stop(job);
                int code = world.executions.exit(job.what);
                Outcome.Cause cause =
                        code != 0 && job.what.hungry() ? Outcome.Cause.OUT_OF_MEMORY : Outcome.Cause.ENDED;
                Outcome outcome = new Outcome(cause, code, 0, "", job.startedMillis, now(), 10, 10, false);
                whenAwake(0, () -> finish(job, outcome));
            }
        });
    }

    private void finish(Job job, Outcome outcome) {
        job.ended = true;
        job.outcome = Optional.of(outcome);
        link.up(new Event.AttemptFinished(session, job.id, outcome));
        startWhatFits();
    }

    /** The worker's own code does not run while it is frozen. */
    private void whenAwake(long delayMillis, Runnable action) {
        world.clock.in(delayMillis, () -> {
            if (!alive) {
                return;
            }
            if (frozen()) {
                whenThawed.add(action);
            } else {
                action.run();
            }
        });
    }

    private long now() {
        return world.clock.now().epochMillis();
    }

    // ---- time

    private void tick() {
        if (!alive) {
            return;
        }
        world.clock.in(TICK_MILLIS, this::tick);
        if (frozen()) {
            return;
        }
        checkLease();
        if (!alive) {
            return;
        }
        if (world.clock.millis() - lastHeardMillis > 3 * HEARTBEAT_MILLIS) {
            link.cut();
            link = world.connect(this);
            hello();
        } else if (session != 0 && world.clock.millis() - lastHeartbeatMillis >= HEARTBEAT_MILLIS) {
            beat();
        }
        startWhatFits();
        goIfDone();
    }

    private void beat() {
        lastHeartbeatMillis = world.clock.millis();
        heartbeatsSent.put(++heartbeat, world.clock.millis());
        link.up(new Event.HeartbeatHeard(session, heartbeat));
        for (Job job : held.values()) {
            job.outcome.ifPresent(outcome -> link.up(new Event.AttemptFinished(session, job.id, outcome)));
        }
    }

    /** Kills first and talks later. */
    private void checkLease() {
        if (world.clock.millis() > leaseEndMillis()) {
            die();
            keeper.onFenced(this);
        }
    }

    private void leave(boolean atOnce) {
        if (!leaving) {
            leaveBeganMillis = world.clock.millis();
        }
        leaving = true;
        for (Job job : List.copyOf(held.values())) {
            onRetract(job.id);
            if (atOnce && !job.ended) {
                stop(job);
                finish(job, new Outcome(Outcome.Cause.WORKER_LEFT, 0, 9, "", job.startedMillis, now(), 0, 0, false));
            }
        }
        shuttingDown |= atOnce;
        goIfDone();
    }

    private void goIfDone() {
        boolean late = shuttingDown && world.clock.millis() - leaveBeganMillis > LEAVE_MILLIS;
        if (leaving && session != 0 && (held.isEmpty() || late)) {
            if (held.isEmpty()) {
                link.up(new Event.WorkerSaidGoodbye(session, "asked to leave"));
            }
            die();
            keeper.onLeft(this);
        }
    }
}
