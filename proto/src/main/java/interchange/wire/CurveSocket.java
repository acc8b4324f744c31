package interchange.wire;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** A DEALER socket with one connection, in a context of its own, and a pipe to wake who waits for it. */
final class CurveSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CurveSocket.class);

    /** Messages that wait to be sent; the sender is told when there are more. */
    private static final int SEND_HIGH_WATER = 10_000;

    /** None: once it is reached, jeromq 0.6.0 hands out a message still encrypted, and it is lost. */
    private static final int RECEIVE_HIGH_WATER = 0;

    private static final int LINGER_MILLIS = 1_000;
    private static final int HANDSHAKE_EVENTS = zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
            | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            | zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
    private static final int END_EVENTS =
            zmq.ZMQ.ZMQ_EVENT_DISCONNECTED | zmq.ZMQ.ZMQ_EVENT_CLOSED | zmq.ZMQ.ZMQ_EVENT_CONNECT_RETRIED;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final ZContext context = new ZContext(1);
    private final Pipe waker;
    private final AtomicBoolean wakePending = new AtomicBoolean();
    private final ZMQ.Socket socket;
    private final ZMQ.Poller poller;
    private volatile boolean broken;
    private volatile String cause = "";

    CurveSocket(ConnectionFile daemon, InetSocketAddress address, SelectorProvider channels) throws IOException {
        waker = channels.openPipe();
        waker.source().configureBlocking(false);
        waker.sink().configureBlocking(false);
        context.setUncaughtExceptionHandler((thread, thrown) -> end("our I/O thread failed: " + thrown));
        context.setNotificationExceptionHandler((thread, thrown) -> LOG.debug("connection failed", thrown));
        socket = context.createSocket(SocketType.DEALER);
        Wire.prepare(socket, Wire.allocator(Wire.FROM_DAEMON_BYTES_MAX), Wire.FROM_DAEMON_BYTES_MAX);
        socket.setLinger(LINGER_MILLIS);
        socket.setSndHWM(SEND_HIGH_WATER);
        socket.setRcvHWM(RECEIVE_HIGH_WATER);
        socket.setCurveServerKey(CurveKeys.bytes(daemon.serverKey()));
        socket.setCurvePublicKey(CurveKeys.bytes(daemon.publicKey()));
        socket.setCurveSecretKey(CurveKeys.bytes(daemon.secretKey()));
        socket.setSelectorChooser((target, options) -> channels);
        socket.setIPv6(address.getAddress() instanceof Inet6Address);
        socket.base().setEventHook(this::onEvent, HANDSHAKE_EVENTS | END_EVENTS);
        poller = context.createPoller(2);
        poller.register(socket, ZMQ.Poller.POLLIN);
        poller.register(waker.source(), ZMQ.Poller.POLLIN);
        socket.connect(endpoint(address));
    }

    /** Waits until the daemon has accepted us. Empty: it has; else why not. */
    Optional<String> awaitGreeting(long deadlineNanos) {
        while (System.nanoTime() < deadlineNanos) {
            Optional<byte[]> message = receive(Duration.ofNanos(deadlineNanos - System.nanoTime()));
            if (message.isPresent()) {
                return Arrays.equals(message.get(), Wire.greeting())
                        ? Optional.empty()
                        : Optional.of("it greets as no daemon of this kind does");
            }
            if (broken) {
                return Optional.of(cause);
            }
        }
        return Optional.of("connected, but the handshake did not end in time");
    }

    boolean send(byte[] message) {
        return !broken && socket.send(message, ZMQ.DONTWAIT);
    }

    Optional<byte[]> receive(Duration timeout) {
        byte[] message = socket.recv(ZMQ.DONTWAIT);
        if (message == null) {
            poller.poll(Math.max(0, (timeout.toNanos() + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI));
            drainWakes();
            message = socket.recv(ZMQ.DONTWAIT);
        }
        return Optional.ofNullable(message);
    }

    void wake() {
        if (wakePending.compareAndSet(false, true)) {
            try {
                waker.sink().write(ByteBuffer.wrap(new byte[1]));
            } catch (IOException e) {
                // Closed meanwhile: nobody waits any more.
                LOG.debug("wake after close", e);
            }
        }
    }

    boolean broken() {
        return broken;
    }

    @Override
    public void close() {
        poller.close();
        context.close();
        broken = true;
        try {
            waker.sink().close();
            waker.source().close();
        } catch (IOException e) {
            LOG.debug("closing the waker", e);
        }
    }

    private void drainWakes() {
        if (poller.pollin(1)) {
            try {
                waker.source().read(ByteBuffer.allocate(1));
            } catch (IOException e) {
                throw new IllegalStateException("the waker of a link failed", e);
            }
            // Last: a wake before this line means the receive that is about to return, one after it writes anew.
            wakePending.set(false);
        }
    }

    /** On the I/O thread. */
    private void onEvent(zmq.ZMQ.Event event) {
        switch (event.event) {
            case zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ->
                cause = "it does not accept the key of the connection file, which must be of another daemon or too old";
            case zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.ZMQ.ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL ->
                cause = "it has another key than the connection file says, so it is another daemon or none";
            case zmq.ZMQ.ZMQ_EVENT_CONNECT_RETRIED -> end("connection refused");
            default ->
                end("it hung up during the handshake: its key is not the one of the connection file, or it is"
                        + " no interchange daemon");
        }
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
