package interchange.worker;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How long this worker may go on unheard: from the sending of the last heartbeat that was acknowledged, so that it is over
 * here before it is over in the daemon's eyes.
 */
final class Lease {
    /** A heartbeat that has not been acknowledged. */
    private record Sent(long number, long atNanos) {}

    private final Deque<Sent> unacknowledged = new ArrayDeque<>();
    private long endsNanos = Long.MAX_VALUE;
    private long lengthNanos = Long.MAX_VALUE;

    /** A new session: the Welcome acknowledges the Hello. */
    void grant(long newLengthNanos, long helloSentNanos) {
        unacknowledged.clear();
        lengthNanos = newLengthNanos;
        endsNanos = helloSentNanos + lengthNanos;
    }

    void heartbeatSent(long number, long nowNanos) {
        unacknowledged.addLast(new Sent(number, nowNanos));
    }

    void acknowledged(long number) {
        while (!unacknowledged.isEmpty() && unacknowledged.getFirst().number() <= number) {
            endsNanos = Math.max(endsNanos, unacknowledged.removeFirst().atNanos() + lengthNanos);
        }
    }

    boolean isOver(long nowNanos) {
        return nowNanos >= endsNanos;
    }

    /** Long.MAX_VALUE: there is none before the first Welcome. */
    long endsNanos() {
        return endsNanos;
    }
}
