package interchange.files;

import interchange.wire.Window;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Who may have a window of a file under way: a few at a time, first come, first served, each for one window. So memory is
 * bounded however many workers there are, and a small file never waits for the whole of a large one.
 */
final class Turns {
    /** Each is at most {@link Window#BYTES}. */
    static final int UNDER_WAY_MAX = 16;

    /** Tiny, but not without end. */
    static final int WAITING_MAX = 100_000;

    /** A window that stands still for so long is another's: its worker has gone, and will ask again. */
    static final long EXPIRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final LinkedHashMap<Peer, Runnable> waiting = new LinkedHashMap<>();
    private final Map<Peer, Long> underWay = new HashMap<>();
    private boolean granting;

    /** A transfer of a connection. */
    record Peer(long link, long transfer) {}

    /**
     * Asks for a turn, and gives back the one that it has. Asked twice, it keeps its place.
     *
     * @param window sends or asks for one window; called at once or later
     * @return false: too many wait
     */
    boolean ask(Peer peer, Runnable window) {
        underWay.remove(peer);
        if (waiting.size() >= WAITING_MAX && !waiting.containsKey(peer)) {
            return false;
        }
        waiting.put(peer, window);
        grant();
        return true;
    }

    /** It has moved, or needs nothing more for now. */
    void end(Peer peer) {
        waiting.remove(peer);
        if (underWay.remove(peer) != null) {
            grant();
        }
    }

    boolean isWaiting(Peer peer) {
        return waiting.containsKey(peer);
    }

    boolean has(Peer peer) {
        return underWay.containsKey(peer);
    }

    void moved(Peer peer) {
        underWay.computeIfPresent(peer, (same, since) -> System.nanoTime());
    }

    /** Gives away what stands still; returns whose turns were taken away. */
    List<Peer> expire(long now) {
        List<Peer> still = underWay.entrySet().stream()
                .filter(entry -> now - entry.getValue() > EXPIRY_NANOS)
                .map(Map.Entry::getKey)
                .toList();
        still.forEach(underWay::remove);
        grant();
        return still;
    }

    /** A window that fails gives its turn back at once, from in here: thousands may do so, one after another. */
    private void grant() {
        if (granting) {
            return;
        }
        granting = true;
        try {
            while (underWay.size() < UNDER_WAY_MAX && !waiting.isEmpty()) {
                Map.Entry<Peer, Runnable> next = waiting.pollFirstEntry();
                underWay.put(next.getKey(), System.nanoTime());
                next.getValue().run();
            }
        } finally {
            granting = false;
        }
    }
}
