package interchange.wire;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/** A DEALER socket with one connection, in a context of its own, and a pipe to wake who waits for it. */
final class CurveSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CurveSocket.class);

    /** Messages that wait to be sent; the sender is told when there are more. */
    private static final int SEND_HIGH_WATER = 10_000;

    /** None: once it is reached, jeromq 0.6.0 hands out a message still encrypted, and it is lost. */
    private static final int RECEIVE_HIGH_WATER = 0;

    private static final int LINGER_MILLIS = 1_000;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(4);
    private static final Duration NUDGE_FIRST = Duration.ofMillis(25);
    private static final Duration NUDGE_LAST = Duration.ofSeconds(1);
    private static final int HANDSHAKE_EVENTS = zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    private static final int END_EVENTS =
            zmq.ZMQ.ZMQ_EVENT_DISCONNECTED | zmq.ZMQ.ZMQ_EVENT_CLOSED | zmq.ZMQ.ZMQ_EVENT_CONNECT_RETRIED;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ZContext context;
    private final SelectorProvider channels;
    private final Waiter waiter;
    private final ZMQ.Socket socket;
    private volatile boolean broken;
    private volatile boolean refused;
    private volatile String cause = "";

    /** Leaves nothing open when it fails half-way, as it does when there are no descriptors left. */
    static CurveSocket open(
            ConnectionFile daemon, InetSocketAddress address, SelectorProvider channels, boolean lasting)
            throws IOException {
        Waiter waiter = new Waiter(channels);
        try {
            ZContext context = new ZContext(1);
            if (lasting) {
                BatchScheduling.apply(context);
            }
            try {
                return new CurveSocket(daemon, address, channels, waiter, context);
            } catch (IOException | RuntimeException e) {
                close(context);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            waiter.close();
            throw e;
        }
    }

    private CurveSocket(
            ConnectionFile daemon,
            InetSocketAddress address,
            SelectorProvider channels,
            Waiter waiter,
            ZContext context)
            throws IOException {
        this.channels = channels;
        this.waiter = waiter;
        this.context = context;
        context.setUncaughtExceptionHandler((thread, thrown) -> end("our I/O thread failed: " + thrown));
        context.setNotificationExceptionHandler((thread, thrown) -> LOG.debug("connection failed", thrown));
        // The context's, because it sets its own upon the sockets that it closes.
        context.setLinger(LINGER_MILLIS);
        socket = context.createSocket(SocketType.DEALER);
        Wire.prepare(socket, Wire.allocator(Wire.FROM_DAEMON_BYTES_MAX), Wire.FROM_DAEMON_BYTES_MAX);
        socket.setSndHWM(SEND_HIGH_WATER);
        socket.setRcvHWM(RECEIVE_HIGH_WATER);
        socket.setCurveServerKey(CurveKeys.bytes(daemon.serverKey()));
        socket.setCurvePublicKey(CurveKeys.bytes(daemon.publicKey()));
        socket.setCurveSecretKey(CurveKeys.bytes(daemon.secretKey()));
        socket.setSelectorChooser((target, options) -> channels);
        socket.setIPv6(address.getAddress() instanceof Inet6Address);
        socket.base().setEventHook(this::onEvent, HANDSHAKE_EVENTS | END_EVENTS);
        waiter.watch(socket);
        socket.connect(endpoint(address));
    }

    /**
     * Waits until the daemon has accepted us, and greets in turn. Empty: it has; else why not.
     *
     * @param probes the origins of our attempts that the daemon may have seen
     */
    Optional<String> awaitGreeting(long deadlineNanos, List<String> probes) {
        long patienceNanos = NUDGE_FIRST.toNanos();
        for (long now = System.nanoTime(); now < deadlineNanos; now = System.nanoTime()) {
            Optional<byte[]> message = receive(Duration.ofNanos(Math.min(patienceNanos, deadlineNanos - now)));
            if (message.isPresent()) {
                if (Greeting.parse(message.get()).isPresent()) {
                    socket.send(Greeting.of(probes).bytes(), ZMQ.DONTWAIT);
                    return Optional.empty();
                }
                refused = true;
                return Optional.of(
                        "it greets as no daemon of this version does: install the same version of interchange"
                                + " on both sides");
            }
            if (broken) {
                return Optional.of(cause);
            }
            nudge();
            patienceNanos = Math.min(2 * patienceNanos, NUDGE_LAST.toNanos());
        }
        return Optional.of("connected, but the handshake did not end in time");
    }

    /**
     * Makes jeromq look at its descriptors again. When its connection is made and its thread is told something else at
     * the same moment, jeromq 0.6.0 loses the connection's descriptor: it unregisters it for the connecting and forgets
     * to register it for the talking (about one in thirty, under load). Any other change to what it watches repairs that.
     */
    private void nudge() {
        try (ZMQ.Socket other = context.createSocket(SocketType.PAIR)) {
            other.setSelectorChooser((target, options) -> channels);
            other.bind("tcp://127.0.0.1:*");
        } catch (ZMQException e) {
            LOG.debug("no port to nudge with", e);
        }
    }

    boolean send(byte[] message) {
        return !broken && socket.send(message, ZMQ.DONTWAIT);
    }

    Optional<byte[]> receive(Duration timeout) {
        byte[] message = socket.recv(ZMQ.DONTWAIT);
        // A look without a wait is frequent.
        if (message != null || !timeout.isPositive()) {
            return Optional.ofNullable(message);
        }
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        boolean over = false;
        while (message == null && !over) {
            long leftNanos = deadlineNanos - System.nanoTime();
            await((leftNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
            over = waiter.wasWoken() || leftNanos <= 0;
            message = socket.recv(ZMQ.DONTWAIT);
            if (message == null && !over) {
                // It may be our I/O thread that must get on before there is something: see BatchScheduling.
                Thread.yield();
            }
        }
        return Optional.ofNullable(message);
    }

    private void await(long millis) {
        try {
            waiter.await(millis);
        } catch (IOException e) {
            throw new IllegalStateException("the selector of a link failed", e);
        }
    }

    void wake() {
        waiter.wake();
    }

    /** Whether keys or greetings did not fit. */
    boolean refused() {
        return refused;
    }

    boolean broken() {
        return broken;
    }

    @Override
    public void close() {
        broken = true;
        close(context);
        try {
            waiter.close();
        } catch (IOException e) {
            LOG.debug("closing the waiter", e);
        }
    }

    private static void close(ZContext context) {
        // On another thread, because jeromq has been seen to wait for ever for one of its own that failed.
        Thread closer = Thread.ofPlatform().daemon().name("link-close").start(context::close);
        try {
            if (!closer.join(CLOSE_PATIENCE)) {
                LOG.warn("a link's threads did not end; they are left to the end of the process");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** On the I/O thread. */
    private void onEvent(zmq.ZMQ.Event event) {
        switch (event.event) {
            case zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ->
                refuse("it does not accept the key of the connection file, which must be of another daemon or too old");
            case zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL ->
                refuse("it has another key than the connection file says, so it is another daemon or none");
            case zmq.ZMQ.ZMQ_EVENT_CONNECT_RETRIED -> end("connection refused");
            default -> {
                // All that is seen of it where the daemon can't open our first message, having another key.
                refused = true;
                end("it hung up during the handshake: its key is not the one of the connection file, or it is"
                        + " no interchange daemon");
            }
        }
    }

    private void refuse(String why) {
        cause = why;
        refused = true;
    }

    private void end(String why) {
        if (cause.isEmpty()) {
            cause = why;
        }
        broken = true;
        wake();
    }

    private static String endpoint(InetSocketAddress target) {
        String host = target.getAddress().getHostAddress();
        return target.getAddress() instanceof Inet6Address
                ? "tcp://[" + host + "]:" + target.getPort()
                : "tcp://" + host + ":" + target.getPort();
    }
}
