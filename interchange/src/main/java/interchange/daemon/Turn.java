package interchange.daemon;

import interchange.core.Change;
import interchange.core.Decisions;
import interchange.core.Effect;
import interchange.journal.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What one turn of the loop has decided and not yet done: rows first, then effects, then whoever waits for them. */
final class Turn {
    private final List<Write> writes = new ArrayList<>();
    private final List<Effect> effects = new ArrayList<>();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private final List<Item> afterwards = new ArrayList<>();

    void add(Decisions decisions) {
        for (Change change : decisions.changes()) {
            writes.add(new Write.Decided(change));
        }
        effects.addAll(decisions.effects());
    }

    void add(List<Write> prepared) {
        writes.addAll(prepared);
    }

    void completes(CompletableFuture<Void> done) {
        waiting.add(done);
    }

    /** Looks and chores see only what is durable, so they come when the turn is. */
    void later(Item item) {
        afterwards.add(item);
    }

    List<Write> writes() {
        return writes;
    }

    List<Effect> effects() {
        return effects;
    }

    List<CompletableFuture<Void>> waiting() {
        return waiting;
    }

    List<Item> afterwards() {
        return afterwards;
    }
}
