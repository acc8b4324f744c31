package interchange.broker;

import interchange.wire.BoundedAllocator;
import interchange.wire.CurveKeys;
import interchange.wire.Greeting;
import interchange.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;
import zmq.Msg;
import zmq.io.Metadata;

/**
 * The ROUTER socket for one kind of peer. A link's number is the routing id that jeromq draws for a connection (five
 * bytes: 0, and a number counted up from a random start), so nothing has to be remembered, or forgotten, about it.
 */
final class PeerSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerSocket.class);

    /** None: once it is reached, jeromq 0.6.0 hands out a message still encrypted, and it is lost. */
    private static final int RECEIVE_HIGH_WATER = 0;

    private static final int BACKLOG = 1_024;

    /** For the first 64 bytes alone; the gate has the whole handshake in view. */
    private static final int PREAMBLE_MILLIS = 30_000;

    private static final int ROUTING_ID_BYTES = 5;

    private final String kind;
    private final ZMQ.Socket socket;
    private final Gate gate;
    private final BoundedAllocator allocator = Wire.allocator(Wire.TO_DAEMON_BYTES_MAX);
    private int port;
    private long unreadable;

    /**
     * One that does not listen yet.
     *
     * @param kind the ZAP domain, and the user id that the key guard gives to its peers
     * @param sendHighWater messages that wait for one peer; beyond it they are dropped, so that a stuck peer costs nobody
     *     else anything
     */
    PeerSocket(ZContext context, String kind, CurveKeys server, Duration patience, int sendHighWater) {
        this.kind = kind;
        gate = new Gate(patience);
        socket = context.createSocket(SocketType.ROUTER);
        Wire.prepare(socket, allocator, Wire.TO_DAEMON_BYTES_MAX);
        socket.setRouterMandatory(true);
        socket.setSndHWM(sendHighWater);
        socket.setRcvHWM(RECEIVE_HIGH_WATER);
        socket.setBacklog(BACKLOG);
        socket.setHandshakeIvl(PREAMBLE_MILLIS);
        socket.setHelloMsg(Greeting.ofDaemon().bytes());
        socket.setCurveServer(true);
        socket.setCurvePublicKey(CurveKeys.bytes(server.publicKey()));
        socket.setCurveSecretKey(CurveKeys.bytes(server.secretKey()));
        socket.setZAPDomain(kind);
        socket.setIPv6(true);
        socket.base().setEventHook(gate::onEvent, zmq.ZMQ.ZMQ_EVENT_ACCEPTED | zmq.ZMQ.ZMQ_EVENT_DISCONNECTED);
    }

    /**
     * Starts to listen.
     *
     * @param host an address of this machine, or * for all
     * @param preferred taken when it is free; 0: any
     */
    void bind(String host, int preferred) throws IOException {
        if (preferred == 0 || !tryBind(host, preferred)) {
            if (!tryBind(host, 0)) {
                throw new IOException("can't listen on " + host + " (for " + kind + " connections)");
            }
        }
        String endpoint = socket.getLastEndpoint();
        port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    }

    int port() {
        return port;
    }

    ZMQ.Socket socket() {
        return socket;
    }

    Gate gate() {
        return gate;
    }

    /** Messages dropped: too long, in several parts, or of no link of ours. */
    long unreadable() {
        return unreadable + allocator.refused();
    }

    /** A message and where it came from. */
    record Incoming(long link, byte[] message) {}

    /** The next message, if one is there. Greetings are taken care of, oddities dropped. */
    Optional<Incoming> poll() {
        for (Msg id = socket.base().recv(ZMQ.DONTWAIT);
                id != null;
                id = socket.base().recv(ZMQ.DONTWAIT)) {
            Optional<Msg> body = body();
            if (body.isEmpty() || !fromRouter(id) || !isKnown(body.get())) {
                unreadable++;
                continue;
            }
            byte[] message = body.get().data();
            Optional<Greeting> greeting = Greeting.parse(message);
            if (greeting.isEmpty()) {
                return Optional.of(new Incoming(link(id), message));
            }
            gate.forgive(greeting.get().probes());
        }
        return Optional.empty();
    }

    /** False when the link is gone or its queue full. */
    boolean send(long link, byte[] message) {
        if (message.length > Wire.FROM_DAEMON_BYTES_MAX) {
            LOG.warn("dropped a message of {} bytes to a {}: nobody reads such long ones", message.length, kind);
            return false;
        }
        try {
            byte[] id = ByteBuffer.allocate(ROUTING_ID_BYTES)
                    .put((byte) 0)
                    .putInt((int) link)
                    .array();
            return socket.send(id, ZMQ.SNDMORE | ZMQ.DONTWAIT) && socket.send(message, ZMQ.DONTWAIT);
        } catch (ZMQException e) {
            if (e.getErrorCode() == ZMQ.Error.EHOSTUNREACH.getCode()) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }

    private boolean tryBind(String host, int port) {
        try {
            return socket.bind("tcp://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
        } catch (ZMQException e) {
            LOG.info("can't listen on {} port {}: {}", host, port, e.getMessage());
            return false;
        }
    }

    /** The one part after the routing id; empty when there are several, which are all read. */
    private Optional<Msg> body() {
        Msg first = socket.base().recv(ZMQ.DONTWAIT);
        if (first == null) {
            return Optional.empty();
        }
        boolean single = !first.hasMore();
        Msg last = first;
        while (last != null && last.hasMore()) {
            last = socket.base().recv(ZMQ.DONTWAIT);
        }
        return single ? Optional.of(first) : Optional.empty();
    }

    /** Whether the key guard let it in, which is sure unless the guard was missing; that must not open the door. */
    private boolean isKnown(Msg message) {
        Metadata metadata = message.getMetadata();
        if (metadata == null || !kind.equals(metadata.get(Metadata.USER_ID))) {
            return false;
        }
        gate.onKnown(peer(message));
        return true;
    }

    private static String peer(Msg message) {
        Metadata metadata = message.getMetadata();
        String address = metadata == null ? null : metadata.get(Metadata.PEER_ADDRESS);
        return address == null ? "" : address;
    }

    /** Whether jeromq drew the routing id; a peer that chooses its own is none of ours. */
    private static boolean fromRouter(Msg id) {
        return id.size() == ROUTING_ID_BYTES && id.get(0) == 0;
    }

    private static long link(Msg id) {
        return Integer.toUnsignedLong(ByteBuffer.wrap(id.data()).getInt(1));
    }
}
