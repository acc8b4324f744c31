package interchange.daemon;

import interchange.core.Event;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/**
 * Events that the conductor's own doing gave rise to. It can't put them into the inbox, which may be full: it alone empties
 * it. Owned by the conductor's thread.
 */
final class Backlog {
    private final Deque<Item> items = new ArrayDeque<>();
    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparingLong(Later::dueMillis));

    private record Later(long dueMillis, Event event) {}

    void add(Event event) {
        items.addLast(new Item.Happened(event));
    }

    /** @param dueMillis not before this time of the steady clock */
    void addLater(Event event, long dueMillis) {
        later.add(new Later(dueMillis, event));
    }

    void drainTo(Deque<Item> other, long nowMillis) {
        for (Later next = later.peek(); next != null && next.dueMillis() <= nowMillis; next = later.peek()) {
            add(next.event());
            later.remove();
        }
        other.addAll(items);
        items.clear();
    }
}
