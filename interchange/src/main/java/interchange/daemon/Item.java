package interchange.daemon;

import interchange.core.Event;
import interchange.journal.Write;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** One thing in the conductor's inbox. */
sealed interface Item {

    /** Something for the scheduler. */
    record Happened(Event event) implements Item {}

    /**
     * Rows that another thread has prepared, and what the scheduler is told when they are written; one transaction.
     *
     * @param done completed once all of it is durable and performed
     */
    record Stage(List<Write> writes, List<Event> events, CompletableFuture<Void> done) implements Item {
        public Stage {
            writes = List.copyOf(writes);
            events = List.copyOf(events);
        }
    }

    /** Looks at the scheduler between two turns and changes nothing: answered while the journal is stuck, too. */
    record Look(Runnable look) implements Item {}

    /**
     * Work of the thread that owns the journal, outside of any turn's transaction; waits while the journal is stuck.
     *
     * @param work gives events that the scheduler gets before any other
     * @param done completed once what follows from the events is durable and performed
     */
    record Chore(Supplier<List<Event>> work, CompletableFuture<Void> done) implements Item {}
}
