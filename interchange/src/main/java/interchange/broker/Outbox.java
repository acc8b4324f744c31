package interchange.broker;

import com.google.protobuf.MessageLite;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What waits to be sent: filled by any thread, which never waits, and emptied by the broker's. */
final class Outbox {
    /** Several seconds of what the broker can send. */
    static final int MESSAGES_MAX = 200_000;

    private final ConcurrentLinkedQueue<Outgoing> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    /** A message and the socket that it leaves by. It is encoded by the broker's thread, which has the time. */
    record Outgoing(PeerSocket socket, long link, MessageLite message) {}

    /** False when it is full. */
    boolean offer(Outgoing outgoing) {
        if (size.incrementAndGet() > MESSAGES_MAX) {
            size.decrementAndGet();
            return false;
        }
        return queue.add(outgoing);
    }

    Optional<Outgoing> poll() {
        Outgoing outgoing = queue.poll();
        if (outgoing != null) {
            size.decrementAndGet();
        }
        return Optional.ofNullable(outgoing);
    }
}
