package interchange.simulation;

import interchange.core.Now;
import java.util.PriorityQueue;

/** Virtual time: what is due next happens next, and time is whatever it says. */
final class Clockwork {
    /** Virtual time begins here, so that no time is mistaken for "never". */
    private static final long START_MILLIS = 1_000_000;

    private static final long EPOCH_OFFSET_MILLIS = 1_700_000_000_000L;

    private record Due(long millis, long order, Runnable action) {}

    private final PriorityQueue<Due> waiting = new PriorityQueue<>(
            (a, b) -> a.millis != b.millis ? Long.compare(a.millis, b.millis) : Long.compare(a.order, b.order));
    private long millis = START_MILLIS;
    private long order;

    void in(long delayMillis, Runnable action) {
        waiting.add(new Due(millis + Math.max(0, delayMillis), order++, action));
    }

    long millis() {
        return millis;
    }

    long elapsed() {
        return millis - START_MILLIS;
    }

    Now now() {
        return new Now(millis, EPOCH_OFFSET_MILLIS + millis);
    }

    /** Does the next thing; false when nothing is left. */
    boolean step() {
        Due due = waiting.poll();
        if (due == null) {
            return false;
        }
        millis = due.millis;
        due.action.run();
        return true;
    }
}
