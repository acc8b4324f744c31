package interchange.wire;

import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Optional;

/**
 * One encrypted connection to the daemon. Belongs to the thread that opened it; only {@link #wake} may be called from
 * others. It never reconnects by itself: whoever sees it silent closes it, reads the connection file anew and opens
 * another.
 */
public final class Link implements AutoCloseable {
    private Link() {}

    /**
     * Connects to the first of the daemon's addresses that answers, all tried side by side.
     *
     * @param channels opens the sockets, so that a process that starts others can keep them from inheriting descriptors
     * @throws UnreachableException when none answered in time, with what each of them said
     */
    public static Link open(ConnectionFile daemon, Duration timeout, SelectorProvider channels)
            throws UnreachableException {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Queues a message; false when the queue is full and it was not taken. */
    public boolean send(byte[] message) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Waits for a message, a {@link #wake} or the timeout. Empty for the latter two. */
    public Optional<byte[]> receive(Duration timeout) {
        throw new UnsupportedOperationException("not written yet");
    }

    /** Makes a present or the next {@link #receive} return; from any thread. */
    public void wake() {
        throw new UnsupportedOperationException("not written yet");
    }

    @Override
    public void close() {}
}
