package interchange.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import zmq.ZError;

/**
 * One encrypted connection to the daemon. Belongs to the thread that opened it; only {@link #wake} and {@link #broken}
 * may be called from others. It never reconnects by itself: whoever sees it broken or silent closes it, reads the
 * connection file anew and opens another.
 *
 * <p>Its thread must not be interrupted: that closes channels inside of jeromq and spoils the link.
 */
public final class Link implements AutoCloseable {
    private final CurveSocket socket;
    private final InetSocketAddress address;

    private Link(CurveSocket socket, InetSocketAddress address) {
        this.socket = socket;
        this.address = address;
    }

    /**
     * Connects, for long, to the first of the daemon's addresses that answers, all tried side by side. It has shown the daemon's
     * key and accepted ours when this returns.
     *
     * @param timeout for all of it; a daemon that a thousand workers call at once needs a minute for their handshakes
     * @param channels opens the sockets, so that a process that starts others can keep them from inheriting descriptors
     * @throws UnreachableException when none answered in time, with what each of them said
     */
    public static Link open(ConnectionFile daemon, Duration timeout, SelectorProvider channels)
            throws UnreachableException {
        return open(daemon, timeout, channels, true);
    }

    /** Connects for a few messages, with the ordinary channels of the JVM and nothing that pays only later. */
    public static Link open(ConnectionFile daemon, Duration timeout) throws UnreachableException {
        return open(daemon, timeout, SelectorProvider.provider(), false);
    }

    private static Link open(ConnectionFile daemon, Duration timeout, SelectorProvider channels, boolean lasting)
            throws UnreachableException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        List<String> causes = new ArrayList<>();
        boolean refused = false;
        try (Probes probes = Probes.start(daemon.addresses(), daemon.port(), channels)) {
            for (Optional<InetSocketAddress> next = probes.next(deadlineNanos);
                    next.isPresent();
                    next = probes.next(deadlineNanos)) {
                InetSocketAddress address = next.get();
                CurveSocket socket = CurveSocket.open(daemon, address, channels, lasting);
                Optional<String> failure =
                        greeting(socket, handshakeEnds(deadlineNanos, probes.more()), probes.origins());
                if (failure.isEmpty()) {
                    return new Link(socket, address);
                }
                refused |= socket.refused();
                socket.close();
                causes.add(Probes.name(address) + ": " + failure.get());
            }
            causes.addAll(probes.failures());
        } catch (IOException | ZError.IOException e) {
            // The latter is what jeromq makes of the former, when there are no descriptors left.
            causes.add(e.toString());
        }
        throw new UnreachableException("no interchange daemon answers: " + String.join("; ", causes), refused);
    }

    private static Optional<String> greeting(CurveSocket socket, long deadlineNanos, List<String> origins) {
        try {
            return socket.awaitGreeting(deadlineNanos, origins);
        } catch (RuntimeException e) {
            // jeromq's, without descriptors above all; the socket is to be closed like that of any other failure.
            return Optional.of(e.toString());
        }
    }

    /**
     * Queues a message; false when the queue is full or the link broken, and it was not taken.
     *
     * @throws IllegalArgumentException when it is longer than {@link Wire#TO_DAEMON_BYTES_MAX}: the daemon would hang up
     */
    public boolean send(byte[] message) {
        if (message.length > Wire.TO_DAEMON_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "message of " + message.length + " bytes; the daemon reads at most " + Wire.TO_DAEMON_BYTES_MAX);
        }
        return socket.send(message);
    }

    /**
     * Waits for a message, a {@link #wake} or the timeout. Empty for the latter two. A breach of the connection wakes it
     * once, after the messages that came before it; later calls wait for their timeout.
     */
    public Optional<byte[]> receive(Duration timeout) {
        return socket.receive(timeout);
    }

    /** Makes a present or the next {@link #receive} return; from any thread. Many of them are one. */
    public void wake() {
        socket.wake();
    }

    /** Whether the connection has ended; it does not come back. From any thread. */
    public boolean broken() {
        return socket.broken();
    }

    /** The daemon's address that answered. */
    public InetSocketAddress address() {
        return address;
    }

    /** Sends what is queued, for at most a second, and closes. */
    @Override
    public void close() {
        socket.close();
    }

    /** One that accepts and says nothing (a stranger at a private address) must not use up the time of the others. */
    private static long handshakeEnds(long deadlineNanos, boolean others) {
        long left = Math.max(0, deadlineNanos - System.nanoTime());
        return System.nanoTime() + (others ? left / 2 : left);
    }
}
