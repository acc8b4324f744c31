package interchange.daemon;

import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Now;
import interchange.journal.Journal;
import interchange.journal.JournalBlockedException;
import interchange.journal.Write;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one loop: takes what waits, lets the scheduler decide, makes it durable, performs it. Runs on the conductor's
 * thread, which owns the scheduler and the journal.
 */
public final class Conductor {
    /** Enough to share a commit's price among many, few enough that a turn stays short. */
    static final int BATCH_MAX = 1_000;

    /** A loop that is later than this was held up, and every deadline moves. */
    static final long STALL_MILLIS = 2_000;

    /** Between two ticks: how late a timer may be, and how long new work waits for a block to be asked for. */
    static final long TICK_MILLIS = 100;

    /** Timers wait for the messages before them, but not longer than this: an inbox may never be empty. */
    private static final long TICK_LATE_MAX_MILLIS = 1_000;

    /** How long the scheduler's own work may go on in one turn. */
    private static final long CONTINUE_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

    /**
     * Rows of one transaction beyond which nothing more is taken into the turn: cancelling or pruning a large run is some
     * rows for each of its jobs, and who waits for the conductor waits for all of them. What is decided at once may go over
     * it, by a batch of the scheduler's own work at most.
     */
    static final int ROWS_MAX = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(Conductor.class);

    private final Decider scheduler;
    private final Journal journal;
    private final Inbox inbox;
    private final Backlog backlog;
    private final Performer performer;
    private final Supplier<Now> clock;
    private final TurnTimes times;
    private final BlockedJournal blocked;

    /** What comes before the inbox: the rest of a batch, and what waited for the journal. */
    private final Deque<Item> first = new ArrayDeque<>();

    private long lastTurnMillis;
    private long plannedWaitMillis;
    private long nextTickMillis;
    private boolean sweeping = true;
    private boolean stopping;

    public Conductor(
            Decider scheduler,
            Journal journal,
            Inbox inbox,
            Backlog backlog,
            Performer performer,
            Supplier<Now> clock,
            TurnTimes times,
            Troubles troubles) {
        this(
                scheduler,
                journal,
                inbox,
                backlog,
                performer,
                clock,
                times,
                new BlockedJournal(inbox, performer, clock, troubles, BlockedJournal.FIRST_RETRY_MILLIS));
    }

    Conductor(
            Decider scheduler,
            Journal journal,
            Inbox inbox,
            Backlog backlog,
            Performer performer,
            Supplier<Now> clock,
            TurnTimes times,
            BlockedJournal blocked) {
        this.scheduler = scheduler;
        this.journal = journal;
        this.inbox = inbox;
        this.backlog = backlog;
        this.performer = performer;
        this.clock = clock;
        this.times = times;
        this.blocked = blocked;
        this.lastTurnMillis = clock.get().steadyMillis();
        this.nextTickMillis = lastTurnMillis + TICK_MILLIS;
    }

    /**
     * Turns until the scheduler says that the daemon may exit.
     *
     * @throws InterruptedException when told to break off: what is not durable was never seen by anyone
     */
    public void run() throws InterruptedException {
        while (!stopping) {
            turn();
        }
    }

    /** One turn: waits for something to do, at most until the next tick. */
    void turn() throws InterruptedException {
        plannedWaitMillis = waitMillis();
        List<Item> items = take(plannedWaitMillis);
        long startNanos = System.nanoTime();
        Turn turn = new Turn();
        applyStall(turn);
        apply(items, turn);
        applyOwnWork(turn);
        applyTick(turn);
        finish(turn);
        sweep(items);
        times.record(System.nanoTime() - startNanos);
    }

    private long waitMillis() {
        if (!first.isEmpty() || scheduler.hasMore() || sweeping) {
            return 0;
        }
        return Math.clamp(nextTickMillis - clock.get().steadyMillis(), 0, TICK_MILLIS);
    }

    private List<Item> take(long timeoutMillis) throws InterruptedException {
        if (first.isEmpty()) {
            return inbox.take(BATCH_MAX, timeoutMillis);
        }
        List<Item> taken = new ArrayList<>();
        while (!first.isEmpty() && taken.size() < BATCH_MAX) {
            taken.add(first.poll());
        }
        return taken;
    }

    /** A suspended machine, a stuck disk, a turn that took too long: the others' messages are late through no fault of theirs. */
    private void applyStall(Turn turn) {
        Now now = clock.get();
        long lateMillis = now.steadyMillis() - lastTurnMillis - plannedWaitMillis;
        lastTurnMillis = now.steadyMillis();
        if (lateMillis >= STALL_MILLIS) {
            LOG.warn("The loop was held up for {} ms; every deadline moves by that.", lateMillis);
            turn.add(scheduler.apply(new Event.Stalled(Duration.ofMillis(lateMillis)), now));
        }
    }

    /**
     * A stage is written alone with what came before it: rows by the thousand are a turn of their own. Each event may have
     * the scheduler go on with its own work, so not only their number is limited.
     */
    private void apply(List<Item> items, Turn turn) {
        Iterator<Item> rest = items.iterator();
        boolean full = false;
        while (rest.hasNext() && !full && hasRoom(turn)) {
            Item item = rest.next();
            switch (item) {
                case Item.Happened happened -> turn.add(scheduler.apply(happened.event(), clock.get()));
                case Item.Look look -> turn.later(look);
                case Item.Chore chore -> {
                    turn.later(chore);
                    full = true;
                }
                case Item.Stage stage -> {
                    applyStage(stage, turn);
                    full = true;
                }
            }
        }
        putBack(rest);
    }

    private void applyStage(Item.Stage stage, Turn turn) {
        turn.add(stage.writes());
        for (Event event : stage.events()) {
            turn.add(scheduler.apply(event, clock.get()));
        }
        turn.completes(stage.done());
        sweeping |= stage.writes().stream().anyMatch(Write.StageDropped.class::isInstance);
        if (!stage.events().isEmpty()) {
            // New work: blocks are asked for at a tick.
            nextTickMillis = Math.min(nextTickMillis, clock.get().steadyMillis());
        }
    }

    private void putBack(Iterator<Item> rest) {
        Deque<Item> back = new ArrayDeque<>();
        rest.forEachRemaining(back::push);
        back.forEach(first::push);
    }

    private void applyOwnWork(Turn turn) {
        long end = System.nanoTime() + CONTINUE_NANOS;
        while (scheduler.hasMore() && hasRoom(turn) && System.nanoTime() - end < 0) {
            turn.add(scheduler.apply(new Event.Continue(), clock.get()));
        }
    }

    private static boolean hasRoom(Turn turn) {
        return turn.writes().size() < ROWS_MAX;
    }

    /** Only when every message that had arrived has been read: one of them may say that all is well. */
    private void applyTick(Turn turn) {
        Now now = clock.get();
        if (now.steadyMillis() < nextTickMillis) {
            return;
        }
        boolean caughtUp = first.isEmpty() && inbox.isEmpty();
        if (caughtUp || now.steadyMillis() - nextTickMillis >= TICK_LATE_MAX_MILLIS) {
            turn.add(scheduler.apply(new Event.Tick(), now));
            nextTickMillis = now.steadyMillis() + TICK_MILLIS;
        }
    }

    /** First durable, then done, then told. */
    private void finish(Turn turn) throws InterruptedException {
        if (!turn.writes().isEmpty()) {
            commit(turn);
        }
        performer.perform(turn.effects());
        backlog.drainTo(first, clock.get().steadyMillis());
        stopping |= turn.effects().stream().anyMatch(Effect.Stop.class::isInstance);
        for (CompletableFuture<Void> done : turn.waiting()) {
            done.complete(null);
        }
        turn.afterwards().forEach(this::doAfterwards);
    }

    private void commit(Turn turn) throws InterruptedException {
        try {
            journal.commit(turn.writes());
        } catch (JournalBlockedException cause) {
            List<Item> waited = blocked.retry(() -> journal.commit(turn.writes()), cause);
            // What was read while the disk was full is older than what is in the inbox now.
            waited.forEach(first::addLast);
        }
    }

    /** What was purged, refused or never finished goes when nothing else is to be done. */
    private void sweep(List<Item> items) {
        if (!sweeping || !items.isEmpty()) {
            return;
        }
        try {
            sweeping = journal.sweep();
        } catch (JournalBlockedException e) {
            // It is not urgent: the next transaction that must be written says so to everyone.
            LOG.warn("Old rows can't be removed now: {}", e.getMessage());
            sweeping = false;
        }
    }

    private void doAfterwards(Item item) {
        switch (item) {
            case Item.Look look -> look.look().run();
            case Item.Chore chore -> {
                sweeping = true;
                first.push(new Item.Stage(List.of(), chore.work().get(), chore.done()));
            }
            case Item.Happened _, Item.Stage _ -> throw new IllegalStateException("not for afterwards: " + item);
        }
    }
}
