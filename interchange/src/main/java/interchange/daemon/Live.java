package interchange.daemon;

import interchange.core.Event;
import interchange.core.Now;
import interchange.core.Scheduler;
import interchange.journal.Write;
import interchange.proto.control.Error;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * The scheduler's state for other threads: each look is taken on the conductor's thread between two turns, when all that
 * is seen is durable. Whoever asks waits.
 */
final class Live {
    private static final long ANSWER_SECONDS = 30;

    private final Scheduler scheduler;
    private final Inbox inbox;
    private final Supplier<Now> clock;

    Live(Scheduler scheduler, Inbox inbox, Supplier<Now> clock) {
        this.scheduler = scheduler;
        this.inbox = inbox;
        this.clock = clock;
    }

    <T> T ask(BiFunction<Scheduler, Now, T> look) throws RequestException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        inbox.put(new Item.Look(() -> complete(answer, () -> look.apply(scheduler, clock.get()))));
        return await(answer);
    }

    /** Has the scheduler told, and waits until what follows is durable and performed. */
    void tell(Event event) throws RequestException {
        await(stage(List.of(), List.of(event)));
    }

    /** Has rows written with what they mean for the scheduler, and waits until it is done. */
    void store(List<Write> writes, List<Event> events) throws RequestException {
        await(stage(writes, events));
    }

    /** Has rows written with what they mean for the scheduler, in one transaction. */
    CompletableFuture<Void> stage(List<Write> writes, List<Event> events) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        inbox.put(new Item.Stage(writes, events, done));
        return done;
    }

    /**
     * Has work done by the thread that owns the journal; its events come before any others, and the answer when what
     * follows from them is durable.
     */
    <T> T chore(Supplier<T> work, java.util.function.Function<T, List<Event>> events) throws RequestException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        inbox.put(new Item.Chore(
                () -> {
                    complete(answer, work);
                    return answer.isCompletedExceptionally() ? List.of() : events.apply(answer.join());
                },
                done));
        return await(done.thenCompose(_ -> answer));
    }

    private static <T> void complete(CompletableFuture<T> answer, Supplier<T> work) {
        try {
            answer.complete(work.get());
        } catch (RuntimeException e) {
            // Whoever asked gets it and logs it; it is not the loop's.
            answer.completeExceptionally(e);
        }
    }

    private static <T> T await(CompletableFuture<T> answer) throws RequestException {
        try {
            return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new RequestException(
                    Error.Kind.UNAVAILABLE,
                    "the daemon did not get to it within " + ANSWER_SECONDS
                            + " s; `interchange info` says what holds it up. It may be done later: asking again is safe");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RequestException(Error.Kind.UNAVAILABLE, "the daemon is stopping; ask again when it is back");
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer could not be made", e.getCause());
        }
    }
}
