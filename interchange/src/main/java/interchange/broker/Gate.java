package interchange.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the connections of one socket that have not yet shown a known key, and ends those that never do: jeromq
 * itself would keep them for ever once the first 64 bytes look right. jeromq's I/O thread tells what comes and goes,
 * the broker's thread who is known.
 */
final class Gate {
    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    /**
     * Beyond it the one that came first has to go. Large, because after an outage all workers come at once; bounded,
     * because each takes a descriptor and 20 KiB.
     */
    static final int STRANGERS_MAX = 2_000;

    /** After being told the end of its input, a connection gets this long to be cleared away in order. */
    private static final long CLOSE_NANOS = Duration.ofSeconds(5).toNanos();

    /** How many ends of strangers are remembered, in case a link says that they were its own attempts. */
    private static final int ENDS_MAX = 1_000;

    private final long patienceNanos;
    private final Map<String, Stranger> strangers = new ConcurrentHashMap<>();
    private final Queue<Stranger> arrivals = new ConcurrentLinkedQueue<>();
    private final Queue<Stranger> expelled = new ConcurrentLinkedQueue<>();
    private final Map<String, Boolean> ends = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();

    /** @param patience how long a connection may take to show a known key */
    Gate(Duration patience) {
        patienceNanos = patience.toNanos();
    }

    /** A connection, and when it came or was expelled. */
    private record Stranger(String address, SocketChannel channel, long nanos) {}

    /** On jeromq's thread. */
    void onEvent(zmq.ZMQ.Event event) {
        if (event.arg instanceof SocketChannel channel) {
            String address = address(channel);
            switch (event.event) {
                case zmq.ZMQ.ZMQ_EVENT_ACCEPTED -> onAccepted(address, channel);
                case zmq.ZMQ.ZMQ_EVENT_DISCONNECTED -> onDisconnected(address);
                default -> LOG.debug("event {} of {}", event.event, address);
            }
        }
    }

    /** It has sent something that only the holder of a known key can send. */
    void onKnown(String address) {
        // The event of its end may have come before its last message.
        if (strangers.remove(address) == null && ends.remove(address) != null) {
            refused.decrementAndGet();
        }
    }

    /** A link says that these attempts, by now closed, were its own. */
    void forgive(Iterable<String> addresses) {
        for (String address : addresses) {
            onKnown(address);
        }
    }

    /** Connections that ended without having shown a known key. */
    long refused() {
        return Math.max(0, refused.get());
    }

    int strangers() {
        return strangers.size();
    }

    /** Expels who has been a stranger for too long. Now and then, on the broker's thread, when all messages are read. */
    void sweep(long nowNanos) {
        for (Stranger first = arrivals.peek(); first != null; first = arrivals.peek()) {
            boolean waiting =
                    strangers.get(first.address()) == first && first.channel().isOpen();
            if (waiting && nowNanos - first.nanos() < patienceNanos) {
                break;
            }
            arrivals.poll();
            expel(first);
        }
        for (Stranger first = expelled.peek();
                first != null && nowNanos - first.nanos() > CLOSE_NANOS;
                first = expelled.peek()) {
            expelled.poll();
            close(first);
        }
    }

    private void onAccepted(String address, SocketChannel channel) {
        Stranger stranger = new Stranger(address, channel, System.nanoTime());
        strangers.put(address, stranger);
        arrivals.add(stranger);
        while (strangers.size() > STRANGERS_MAX) {
            Stranger first = arrivals.poll();
            if (first == null) {
                break;
            }
            expel(first);
        }
    }

    private void onDisconnected(String address) {
        if (strangers.remove(address) != null) {
            count(address);
        }
    }

    private void count(String address) {
        refused.incrementAndGet();
        if (ends.size() >= ENDS_MAX) {
            ends.clear();
        }
        ends.put(address, true);
    }

    /** Lets jeromq read an end of input, upon which it clears the connection away by itself. */
    private void expel(Stranger stranger) {
        if (!strangers.remove(stranger.address(), stranger)) {
            return;
        }
        count(stranger.address());
        try {
            stranger.channel().shutdownInput();
            expelled.add(new Stranger(stranger.address(), stranger.channel(), System.nanoTime()));
        } catch (IOException e) {
            LOG.debug("{} had gone", stranger.address(), e);
        }
    }

    private static void close(Stranger stranger) {
        try {
            stranger.channel().close();
        } catch (IOException e) {
            LOG.debug("closing {}", stranger.address(), e);
        }
    }

    private static String address(SocketChannel channel) {
        try {
            return channel.getRemoteAddress() instanceof InetSocketAddress remote
                    ? remote.getAddress().getHostAddress() + ":" + remote.getPort()
                    : "";
        } catch (IOException e) {
            return "";
        }
    }
}
