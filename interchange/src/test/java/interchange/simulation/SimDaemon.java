package interchange.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.Change;
import interchange.core.Decisions;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Scheduler;
import interchange.core.Timing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** The daemon around the real scheduler: it takes events in batches, commits, performs, and dies between any two steps. */
final class SimDaemon {
    private static final int TURN_MILLIS = 5;
    private static final long TICK_MILLIS = 1_000;
    private static final int LONGEST_DOWN_MILLIS = 120_000;

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Simulation world;
    private final Timing timing;
    private final Map<String, Integer> limits = Map.of("db", 2);
    private final Ledger ledger;
    private final Optional<SqliteTwin> twin;
    private final Deque<Event> inbox = new ArrayDeque<>();
    private final Map<Long, SimLink> sessions = new HashMap<>();
    private final Map<Long, Long> sequences = new HashMap<>();
    private Scheduler scheduler;
    private boolean up;
    private int life;
    int crashes;

    SimDaemon(Simulation world, Timing timing, Ledger ledger, Optional<SqliteTwin> twin) {
        this.world = world;
        this.timing = timing;
        this.ledger = ledger;
        this.twin = twin;
        this.scheduler = recovered();
    }

    boolean isUp() {
        return up;
    }

    void start() {
        ledger.countStart();
        checkJournal();
        scheduler = recovered();
        up = true;
        life++;
        int thisLife = life;
        world.clock.in(TICK_MILLIS, () -> tick(thisLife));
    }

    private Scheduler recovered() {
        return new Scheduler(
                ledger.recover(), timing, limits, new SplittableRandom(world.random.nextLong()), world.clock.now());
    }

    private void tick(int ofLife) {
        if (up && life == ofLife) {
            world.clock.in(TICK_MILLIS, () -> tick(ofLife));
            receive(new Event.Tick());
        }
    }

    void receive(Event event) {
        if (!up) {
            return;
        }
        inbox.add(event);
        if (inbox.size() == 1) {
            int thisLife = life;
            world.clock.in(world.random.nextInt(TURN_MILLIS), () -> {
                if (up && life == thisLife) {
                    turn();
                }
            });
        }
    }

    private void turn() {
        try {
            while (!inbox.isEmpty() || scheduler.hasMore()) {
                batch();
            }
        } catch (Crash crash) {
            crashes++;
            up = false;
            inbox.clear();
            sessions.clear();
            sequences.clear();
            world.clock.in(1_000 + world.random.nextInt(LONGEST_DOWN_MILLIS), this::start);
        }
    }

    private void batch() {
        List<Change> changes = new ArrayList<>();
        List<Effect> effects = new ArrayList<>();
        for (int i = 0; i < world.batchMax && !inbox.isEmpty(); i++) {
            take(scheduler.apply(inbox.poll(), world.clock.now()), changes, effects);
        }
        while (scheduler.hasMore()) {
            take(scheduler.apply(new Event.Continue(), world.clock.now()), changes, effects);
        }
        scheduler.sanityCheck();
        if (world.kind) {
            world.thrift.look(scheduler.cluster(world.clock.now()), scheduler.activeRuns());
        }
        perhapsCrash();
        ledger.commit(changes);
        twin.ifPresent(journal -> journal.commit(changes));
        checkRecovery();
        perhapsCrash();
        for (Effect effect : effects) {
            perform(effect);
            perhapsCrash();
        }
    }

    private static void take(Decisions decisions, List<Change> changes, List<Effect> effects) {
        changes.addAll(decisions.changes());
        effects.addAll(decisions.effects());
    }

    private void checkRecovery() {
        assertThat(recoveredTwin().durable()).isEqualTo(scheduler.durable());
    }

    /** What SQLite gives back is what the ledger does. */
    void checkJournal() {
        twin.ifPresent(journal -> {
            Scheduler fromDisk =
                    new Scheduler(journal.recover(), timing, limits, new SplittableRandom(1), world.clock.now());
            assertThat(fromDisk.durable())
                    .as("what the journal gives back")
                    .isEqualTo(recoveredTwin().durable());
        });
    }

    /** Draws nothing from the world's randomness, so that checking changes no history. */
    private Scheduler recoveredTwin() {
        return new Scheduler(ledger.recover(), timing, limits, new SplittableRandom(1), world.clock.now());
    }

    private void perhapsCrash() {
        if (world.chance(world.faults.crash())) {
            throw new Crash();
        }
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Welcome e -> {
                sessions.put(e.session(), world.link(e.link()));
                send(e.session(), e);
            }
            case Effect.Refuse e -> world.link(e.link()).down(new SimLink.Down(0, 0, e));
            case Effect.Start e -> send(e.session(), e);
            case Effect.Retract e -> send(e.session(), e);
            case Effect.Kill e -> send(e.session(), e);
            case Effect.Acknowledge e -> send(e.session(), e);
            case Effect.AnswerHeartbeat e -> send(e.session(), e);
            case Effect.DrainWorker e -> send(e.session(), e);
            case Effect.ShutDownWorker e -> send(e.session(), e);
            case Effect.ForgetSession e -> sessions.remove(e.session());
            case Effect.SubmitBlock e -> world.batch.submit(e, answer());
            case Effect.CancelBlocks e -> world.batch.cancel(e);
            case Effect.PollBlocks e -> world.batch.poll(e, answer());
            case Effect.TakeIn e -> world.takeIn(e, answer());
            case Effect.RunEnded e -> world.onRunEnded(e.run());
            case Effect.Notice e -> {}
            case Effect.Stop e -> throw new Crash();
        }
    }

    /** An answer reaches the daemon that asked, not the one that comes after it. */
    private java.util.function.Consumer<Event> answer() {
        int thisLife = life;
        return event -> {
            if (life == thisLife) {
                receive(event);
            }
        };
    }

    private void send(long session, Effect effect) {
        SimLink link = sessions.get(session);
        if (link != null) {
            link.down(new SimLink.Down(session, sequences.merge(session, 1L, Long::sum), effect));
        }
    }
}
