package interchange.daemon;

import interchange.core.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Where everything waits for the conductor; bounded, so that whoever is too fast is slowed down. Any thread puts, only
 * the conductor takes.
 */
public final class Inbox {
    /** Room for the reports of a few thousand workers; then the sockets are left unread for a moment. */
    static final int CAPACITY = 65_536;

    private final BlockingQueue<Item> items;

    public Inbox() {
        this(CAPACITY);
    }

    Inbox(int capacity) {
        items = new ArrayBlockingQueue<>(capacity);
    }

    /** Waits while the inbox is full. */
    public void put(Event event) {
        put(new Item.Happened(event));
    }

    void put(Item item) {
        try {
            items.put(item);
        } catch (InterruptedException e) {
            // Only the end of the daemon interrupts; what is lost here is as if it had come a moment later.
            Thread.currentThread().interrupt();
        }
    }

    /** What waits, oldest first, at most so many; empty when nothing came in time. */
    List<Item> take(int max, long timeoutMillis) throws InterruptedException {
        List<Item> taken = new ArrayList<>();
        items.drainTo(taken, max);
        if (taken.isEmpty() && timeoutMillis > 0) {
            Item first = items.poll(timeoutMillis, TimeUnit.MILLISECONDS);
            if (first != null) {
                taken.add(first);
                items.drainTo(taken, max - 1);
            }
        }
        return taken;
    }

    boolean isEmpty() {
        return items.isEmpty();
    }
}
