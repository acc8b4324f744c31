package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.AttemptId;
import interchange.core.Change;
import interchange.core.Decisions;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Now;
import interchange.core.StopMode;
import interchange.journal.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class ConductorTest {
    private static final long FIRST_RETRY_MILLIS = 20;

    private final ManualClock clock = new ManualClock();
    private final MemoryJournal journal = new MemoryJournal();
    private final Inbox inbox = new Inbox(2 * Conductor.BATCH_MAX);
    private final List<Effect> performed = new CopyOnWriteArrayList<>();
    private final ScriptedScheduler scheduler = new ScriptedScheduler();
    private final Troubles troubles = new Troubles();
    private final TurnTimes times = new TurnTimes();

    /** How many transactions there were when each effect was performed. */
    private final List<Integer> committedBefore = new ArrayList<>();

    private final Performer performer = effects -> {
        for (Effect effect : effects) {
            performed.add(effect);
            committedBefore.add(journal.transactions.size());
        }
    };

    private Conductor conductor() {
        BlockedJournal blocked = new BlockedJournal(inbox, performer, new BootClock(), troubles, FIRST_RETRY_MILLIS);
        return new Conductor(scheduler, journal, inbox, new Backlog(), performer, clock, times, blocked);
    }

    @Test
    void effectsComeAfterTheOneTransactionOfTheirTurn() throws InterruptedException {
        inbox.put(new Event.SiteResumed(1));
        inbox.put(new Event.SiteResumed(2));
        conductor().turn();
        assertThat(journal.transactions).containsExactly(List.of(row(1), row(2)));
        assertThat(performed).containsExactly(new Effect.Notice("1"), new Effect.Notice("2"));
        assertThat(committedBefore).containsOnly(1);
        assertThat(times.turns()).isEqualTo(1);
    }

    @Test
    void aFullDiskHoldsTheBatchAndItsEffectsAndNothingIsLost() throws InterruptedException {
        journal.failuresToCome.set(3);
        inbox.put(new Event.SiteResumed(1));
        conductor().turn();
        assertThat(journal.failures).hasValue(3);
        assertThat(journal.transactions).containsExactly(List.of(row(1)));
        assertThat(performed).containsExactly(new Effect.Notice("1"));
        assertThat(committedBefore).containsExactly(1);
        assertThat(troubles.present()).isEmpty();
    }

    @Test
    void whileTheDiskIsFullHeartbeatsAndLooksAreAnsweredAndEventsWait() throws InterruptedException {
        AtomicReference<List<String>> seen = new AtomicReference<>(List.of());
        Conductor conductor = conductor();
        inbox.put(new Event.SiteResumed(1));
        journal.failuresToCome.set(1);
        scheduler.duringNextApply = () -> {
            inbox.put(new Event.HeartbeatHeard(7, 42));
            inbox.put(new Item.Look(() -> seen.set(troubles.present())));
            inbox.put(new Event.SiteResumed(2));
            inbox.put(new Event.SiteResumed(2));
        };
        conductor.turn();
        assertThat(seen.get()).singleElement().asString().contains("no space left on device");
        assertThat(performed).containsExactly(new Effect.AnswerHeartbeat(7, 42), new Effect.Notice("1"));
        assertThat(scheduler.applied).containsExactly(new Event.SiteResumed(1));
        conductor.turn();
        // What a worker repeats meanwhile is kept once.
        assertThat(scheduler.applied)
                .containsExactly(new Event.SiteResumed(1), new Event.HeartbeatHeard(7, 42), new Event.SiteResumed(2));
    }

    @Test
    void theSchedulerLearnsOfTheLastHeartbeatThatWasAnsweredOfEachSession() throws InterruptedException {
        Conductor conductor = conductor();
        inbox.put(new Event.SiteResumed(1));
        journal.failuresToCome.set(1);
        scheduler.duringNextApply = () -> {
            inbox.put(new Event.HeartbeatHeard(7, 42));
            inbox.put(new Event.HeartbeatHeard(8, 1));
            inbox.put(new Event.HeartbeatHeard(7, 43));
        };
        conductor.turn();
        conductor.turn();
        // Else it would think these workers dead long before they give up their jobs.
        assertThat(scheduler.applied)
                .containsExactly(
                        new Event.SiteResumed(1), new Event.HeartbeatHeard(7, 43), new Event.HeartbeatHeard(8, 1));
    }

    @Test
    void ofWhatIsSaidWhileTheDiskIsFullOnlyWhatComesAgainIsEverDropped() {
        Kept kept = new Kept();
        for (int i = 0; i <= Kept.REPEATED_MAX; i++) {
            kept.add(new Event.AttemptStarted(1, new AttemptId(1, i, 0), 1));
        }
        kept.add(new Event.BlocksPolled("local", 1, Map.of()));
        kept.add(new Event.BlockSubmitted(1, "17"));
        assertThat(kept.items())
                .hasSize(Kept.REPEATED_MAX + 2)
                .endsWith(
                        new Item.Happened(new Event.BlocksPolled("local", 1, Map.of())),
                        new Item.Happened(new Event.BlockSubmitted(1, "17")));
    }

    @ParameterizedTest
    @EnumSource(
            value = StopMode.class,
            names = {"NOW", "KEEP_BLOCKS"})
    void aStopWaitsForNoFullDisk(StopMode mode) {
        journal.failuresToCome.set(Integer.MAX_VALUE);
        inbox.put(new Event.SiteResumed(1));
        inbox.put(new Event.SiteResumed(2));
        scheduler.duringNextApply = () -> inbox.put(new Event.StopRequested(mode, Duration.ZERO));
        assertThatThrownBy(() -> conductor().run()).isInstanceOf(InterruptedException.class);
        assertThat(performed).isEmpty();
    }

    @Test
    void aLoopThatWasHeldUpMovesEveryDeadlineBeforeAnythingElse() throws InterruptedException {
        Conductor conductor = conductor();
        inbox.put(new Event.SiteResumed(1));
        conductor.turn();
        clock.advance(5_000);
        inbox.put(new Event.SiteResumed(2));
        conductor.turn();
        assertThat(scheduler.applied).hasSize(3);
        assertThat(scheduler.applied.get(1))
                .isInstanceOfSatisfying(
                        Event.Stalled.class,
                        stalled -> assertThat(stalled.time())
                                .isBetween(Duration.ofMillis(4_000), Duration.ofMillis(5_000)));
    }

    @Test
    void theSchedulersOwnWorkIsWrittenInTransactionsOfALimitedSize() throws InterruptedException {
        int rowsAtOnce = 1_000;
        scheduler.ownWork = 100;
        scheduler.rowsAtOnce = rowsAtOnce;
        for (int i = 0; i < 100; i++) {
            inbox.put(new Event.Continue());
        }
        Conductor conductor = conductor();
        while (scheduler.hasMore() || !inbox.isEmpty() || journal.rows().size() < 100 * rowsAtOnce) {
            conductor.turn();
        }
        assertThat(journal.transactions)
                .allSatisfy(rows -> assertThat(rows).hasSizeLessThan(Conductor.ROWS_MAX + rowsAtOnce));
    }

    @Test
    void timersFireOnlyWhenEveryWaitingMessageHasBeenRead() throws InterruptedException {
        Conductor conductor = conductor();
        clock.advance(Conductor.TICK_MILLIS);
        scheduler.seesTicks = true;
        for (int i = 0; i <= Conductor.BATCH_MAX; i++) {
            inbox.put(new Event.SiteResumed(i));
        }
        conductor.turn();
        assertThat(scheduler.applied).hasSize(Conductor.BATCH_MAX).doesNotContain(new Event.Tick());
        conductor.turn();
        assertThat(scheduler.applied).endsWith(new Event.SiteResumed(Conductor.BATCH_MAX), new Event.Tick());
    }

    @Test
    void aStageAndItsEventAreOneTransactionOfATurnOfTheirOwn() throws InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Write site = new Write.SiteStored(1, "here", "{}");
        inbox.put(new Item.Stage(List.of(site), List.of(new Event.SiteResumed(1)), done));
        inbox.put(new Event.SiteResumed(2));
        Conductor conductor = conductor();
        conductor.turn();
        assertThat(done).isCompleted();
        assertThat(journal.transactions).containsExactly(List.of(site, row(1)));
        conductor.turn();
        assertThat(journal.transactions).hasSize(2);
    }

    @Test
    void whatAChoreFindsComesBeforeWhateverElseWaits() throws InterruptedException {
        inbox.put(chore(new CompletableFuture<>(), new Event.SiteResumed(1), new Event.SiteResumed(2)));
        inbox.put(new Event.SiteResumed(3));
        Conductor conductor = conductor();
        conductor.turn();
        conductor.turn();
        conductor.turn();
        assertThat(scheduler.applied)
                .containsExactly(new Event.SiteResumed(1), new Event.SiteResumed(2), new Event.SiteResumed(3));
    }

    @Test
    void whoAskedForAChoreIsToldOnlyWhenWhatFollowsIsDurable() throws InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        AtomicReference<Boolean> toldDuringFullDisk = new AtomicReference<>(true);
        inbox.put(chore(done, new Event.SiteResumed(1)));
        Conductor conductor = conductor();
        conductor.turn();
        assertThat(done).isNotDone();
        journal.failuresToCome.set(1);
        scheduler.duringNextApply = () -> inbox.put(new Item.Look(() -> toldDuringFullDisk.set(done.isDone())));
        conductor.turn();
        assertThat(toldDuringFullDisk).hasValue(false);
        assertThat(journal.transactions).containsExactly(List.of(row(1)));
        assertThat(done).isCompleted();
    }

    private static Item.Chore chore(CompletableFuture<Void> done, Event... events) {
        return new Item.Chore(() -> List.of(events), done);
    }

    @Test
    void theLoopEndsWhenTheSchedulerSaysSo() throws InterruptedException {
        inbox.put(new Event.StopRequested(StopMode.NOW, Duration.ZERO));
        conductor().run();
        assertThat(performed).containsExactly(new Effect.Stop());
    }

    private static Write row(int site) {
        return new Write.Decided(new Change.SiteBecame(site, 0, ""));
    }

    /** Answers each SiteResumed with a row and a notice that carry its number. */
    private static final class ScriptedScheduler implements Decider {
        final List<Event> applied = new ArrayList<>();
        boolean seesTicks;
        Runnable duringNextApply = () -> {};
        int ownWork;
        int rowsAtOnce;

        @Override
        public Decisions apply(Event event, Now now) {
            if (!(event instanceof Event.Tick) || seesTicks) {
                applied.add(event);
            }
            Runnable once = duringNextApply;
            duringNextApply = () -> {};
            once.run();
            return switch (event) {
                case Event.SiteResumed e ->
                    new Decisions(
                            List.of(new Change.SiteBecame(e.site(), 0, "")),
                            List.of(new Effect.Notice(Integer.toString(e.site()))));
                case Event.Continue _
                when ownWork > 0 -> {
                    ownWork--;
                    yield new Decisions(Collections.nCopies(rowsAtOnce, new Change.SiteBecame(0, 0, "")), List.of());
                }
                case Event.StopRequested _ -> new Decisions(List.of(), List.of(new Effect.Stop()));
                default -> new Decisions(List.of(), List.of());
            };
        }

        @Override
        public boolean hasMore() {
            return ownWork > 0;
        }
    }
}
