package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.Change;
import interchange.core.CycleException;
import interchange.core.Decisions;
import interchange.core.Event;
import interchange.core.JobEnd;
import interchange.core.Now;
import interchange.core.Recovered;
import interchange.core.RetryPolicy;
import interchange.core.RunGraphBuilder;
import interchange.core.RunState;
import interchange.core.Scheduler;
import interchange.core.Shape;
import interchange.core.Timing;
import interchange.journal.Write;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The conductor turns on the test's thread; the restart is asked for on another. */
@Timeout(30)
class RevivalTest {
    private static final int RUN = 1;
    private static final int GENERATION = 3;

    private final ManualClock clock = new ManualClock();
    private final MemoryJournal journal = new MemoryJournal();
    private final Inbox inbox = new Inbox();
    private final Troubles troubles = new Troubles();
    private final Scheduler scheduler =
            new Scheduler(Recovered.empty(), Timing.standard(), Map.of(), new Random(1), clock.get());
    private final Revival revival = new Revival(new Live(scheduler, inbox, clock), journal);
    private final Performer nobody = effects -> {};
    private final Conductor conductor = new Conductor(
            new Decider() {
                @Override
                public Decisions apply(Event event, Now now) {
                    return scheduler.apply(event, now);
                }

                @Override
                public boolean hasMore() {
                    return scheduler.hasMore();
                }
            },
            journal,
            inbox,
            new Backlog(),
            nobody,
            clock,
            new TurnTimes(),
            new BlockedJournal(inbox, nobody, new BootClock(), troubles, 1));

    @BeforeEach
    void endARun() throws Exception {
        SiteConfig config = SiteConfig.parse("here", Map.of("provider", "local"), new NodeCapacity(2, 2048));
        inbox.put(new Event.SiteAdded(config.toCore(1)));
        conductor.turn();
        RunGraphBuilder builder = new RunGraphBuilder(List.of("label"));
        builder.add(new Shape(1, 1, 0, 0, false), "label", new RetryPolicy(0, Set.of()), 0);
        journal.ended = java.util.Optional.of(failed(builder));
        journal.endedGeneration = OptionalInt.of(GENERATION);
    }

    private static Recovered.RunRecord failed(RunGraphBuilder builder) throws CycleException {
        byte[] ends = {(byte) JobEnd.FAILED.code()};
        int[] one = {1};
        int[] none = {0};
        return new Recovered.RunRecord(
                builder.build(RUN),
                RunState.FAILED,
                GENERATION,
                "",
                false,
                -1,
                0,
                "",
                Map.of(),
                ends,
                one,
                one,
                none,
                none,
                List.of());
    }

    private CompletableFuture<Void> restart() {
        return CompletableFuture.runAsync(() -> {
            try {
                revival.goOn(RUN, "request");
            } catch (RequestException e) {
                throw new CompletionException(e);
            }
        });
    }

    private void turnUntil(CompletableFuture<Void> asked) throws InterruptedException {
        while (!asked.isDone()) {
            conductor.turn();
        }
    }

    @Test
    void aRunIsReadByWhoAsksAndHoldsUpNobody() throws InterruptedException {
        CompletableFuture<Void> asked = restart();
        turnUntil(asked);
        assertThat(asked).isCompleted();
        assertThat(journal.recoveredBy).isPresent().get().isNotEqualTo(Thread.currentThread());
        assertThat(scheduler.run(RUN)).isPresent();
    }

    @Test
    void aRestartIsToldWhenItIsDurable() throws InterruptedException {
        journal.failuresToCome.set(2);
        CompletableFuture<Void> asked = restart();
        turnUntil(asked);
        assertThat(asked).isCompleted();
        assertThat(journal.failures).hasValue(2);
        assertThat(journal.rows()).contains(new Write.Decided(new Change.RunRestarted(RUN, "request", GENERATION + 1)));
    }

    @Test
    void aRunThatIsNotWhatWasReadAnyMoreStaysAsItIs() throws InterruptedException {
        journal.endedGeneration = OptionalInt.of(GENERATION + 1);
        CompletableFuture<Void> asked = restart();
        turnUntil(asked);
        assertThatThrownBy(asked::join).hasMessageContaining("was restarted or purged just now");
        assertThat(scheduler.run(RUN)).isEmpty();
    }
}
