package interchange.files;

import interchange.wire.Window;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who may have a window of a file under way: a few at a time, first come, first served, each for one window. So memory is
 * bounded however many workers there are, and a small file never waits for the whole of a large one.
 */
final class Turns {
    /** Each is at most {@link Window#BYTES}. */
    static final int UNDER_WAY_MAX = 16;

    /** Tiny, but not without end. */
    static final int WAITING_MAX = 100_000;

    /** What is said to those beyond them. */
    static final String TOO_MANY = "too many files are on their way";

    /** A window that stands still for so long is another's: its worker has gone, and will ask again. */
    static final long EXPIRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Workers ask again for what waits, every 30 s: a connection with which three such times have passed is dead. */
    static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(90);

    private final LongSupplier nanoTime;
    private final LinkedHashMap<Peer, Waiting> waiting = new LinkedHashMap<>();
    private final Map<Peer, UnderWay> underWay = new HashMap<>();
    private boolean granting;

    /** A transfer of a connection. */
    record Peer(long link, long transfer) {}

    /** @param heardNanos when its worker last said something of it */
    private record Waiting(Runnable window, long heardNanos) {}

    /** @param movedNanos when it was granted, or a piece came */
    private record UnderWay(long movedNanos, long heardNanos) {}

    Turns(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Asks for a turn, and gives back the one that it has. Asked twice, it keeps its place.
     *
     * @param window sends or asks for one window; called at once or later
     * @return false: too many wait
     */
    boolean ask(Peer peer, Runnable window) {
        // Who had one stays, or what it gave back would be nobody's.
        boolean had = underWay.remove(peer) != null;
        if (!had && waiting.size() >= WAITING_MAX && !waiting.containsKey(peer)) {
            return false;
        }
        waiting.put(peer, new Waiting(window, nanoTime.getAsLong()));
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
        long now = nanoTime.getAsLong();
        underWay.computeIfPresent(peer, (_, _) -> new UnderWay(now, now));
    }

    /**
     * Takes away the turns that stand still, and all that dead connections wait for: else one node that has lost its power
     * would hold up everybody for as long again with each of its files.
     *
     * @return who has to ask again
     */
    Collection<Peer> expire(long now) {
        List<Peer> still = underWay.entrySet().stream()
                .filter(entry -> now - entry.getValue().movedNanos() > EXPIRY_NANOS)
                .map(Map.Entry::getKey)
                .toList();
        if (still.isEmpty()) {
            return still;
        }
        Set<Long> dead = deadLinks(still, now);
        Set<Peer> dropped = new LinkedHashSet<>(still);
        Stream.concat(underWay.keySet().stream(), waiting.keySet().stream())
                .filter(peer -> dead.contains(peer.link()))
                .forEach(dropped::add);
        underWay.keySet().removeAll(dropped);
        waiting.keySet().removeAll(dropped);
        grant();
        return dropped;
    }

    /** A worker that is slow is heard of its other files; one of which nothing moves and nothing is heard has gone. */
    private Set<Long> deadLinks(List<Peer> still, long now) {
        Map<Long, Long> heard = new HashMap<>();
        underWay.forEach((peer, entry) -> heard.merge(peer.link(), entry.heardNanos(), Math::max));
        waiting.forEach((peer, entry) -> heard.merge(peer.link(), entry.heardNanos(), Math::max));
        Set<Long> suspect = still.stream().map(Peer::link).collect(Collectors.toSet());
        heard.entrySet()
                .removeIf(entry ->
                        now - entry.getValue() <= (suspect.contains(entry.getKey()) ? EXPIRY_NANOS : SILENCE_NANOS));
        return heard.keySet();
    }

    /** A window that fails gives its turn back at once, from in here: thousands may do so, one after another. */
    private void grant() {
        if (granting) {
            return;
        }
        granting = true;
        try {
            while (underWay.size() < UNDER_WAY_MAX && !waiting.isEmpty()) {
                Map.Entry<Peer, Waiting> next = waiting.pollFirstEntry();
                underWay.put(
                        next.getKey(),
                        new UnderWay(nanoTime.getAsLong(), next.getValue().heardNanos()));
                next.getValue().window().run();
            }
        } finally {
            granting = false;
        }
    }
}
