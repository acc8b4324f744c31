package interchange.daemon;

import interchange.core.Event;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Events that the conductor's own doing gave rise to. It can't put them into the inbox, which may be full: it alone empties
 * it. Owned by the conductor's thread.
 */
final class Backlog {
    private final Deque<Item> items = new ArrayDeque<>();

    void add(Event event) {
        items.addLast(new Item.Happened(event));
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    void drainTo(Deque<Item> other) {
        other.addAll(items);
        items.clear();
    }
}
