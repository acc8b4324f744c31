package interchange.wire;

import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** What both ends of a connection must agree on. */
public final class Wire {
    /** The longest message that the daemon reads. A longer one ends the connection it came by. */
    public static final int TO_DAEMON_BYTES_MAX = 4 << 20;

    /** The longest message that workers and clients read. */
    public static final int FROM_DAEMON_BYTES_MAX = 64 << 20;

    /** What encryption adds to a message, and a little more. */
    private static final int ENCRYPTION_BYTES_MAX = 64;

    // A dead peer whose machine never said so is noticed after 60 s + 5 * 15 s.
    private static final int KEEPALIVE_IDLE_SECONDS = 60;
    private static final int KEEPALIVE_INTERVAL_SECONDS = 15;
    private static final int KEEPALIVE_PROBES = 5;

    private Wire() {}

    /** The allocator for an end that reads messages of at most so many bytes. */
    public static BoundedAllocator allocator(int bytesMax) {
        return new BoundedAllocator(bytesMax + (long) ENCRYPTION_BYTES_MAX);
    }

    /** Sets what every socket of ours has, on either end. */
    public static void prepare(ZMQ.Socket socket, BoundedAllocator allocator, int bytesMax) {
        socket.setMsgAllocator(allocator);
        socket.setMaxMsgSize(bytesMax + (long) ENCRYPTION_BYTES_MAX);
        socket.setTCPKeepAlive(1);
        socket.setTCPKeepAliveIdle(KEEPALIVE_IDLE_SECONDS);
        socket.setTCPKeepAliveInterval(KEEPALIVE_INTERVAL_SECONDS);
        socket.setTCPKeepAliveCount(KEEPALIVE_PROBES);
        if (socket.getSocketType() == SocketType.DEALER) {
            // A connection that broke stays broken: its owner decides what next.
            socket.setReconnectIVL(-1);
        }
    }
}
