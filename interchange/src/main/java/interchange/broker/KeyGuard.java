package interchange.broker;

import interchange.wire.CurveKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * Says to jeromq whose key is good on which socket (ZAP, RFC 27). It must be bound before the sockets that ask it: with
 * nobody to ask, jeromq lets everyone in.
 */
final class KeyGuard implements AutoCloseable {
    private static final String ENDPOINT = "inproc://zeromq.zap.01";
    private static final byte[] NOTHING = {};
    private static final int REQUEST_FRAMES = 9;

    private final ZMQ.Socket socket;
    private final Map<String, byte[]> keysByDomain;

    /** @param keys the public key that is good, by the domain of the socket */
    KeyGuard(ZContext context, Map<String, String> keys) {
        keysByDomain = new HashMap<>();
        keys.forEach((domain, key) -> keysByDomain.put(domain, CurveKeys.bytes(key)));
        socket = context.createSocket(SocketType.ROUTER);
        socket.bind(ENDPOINT);
    }

    ZMQ.Socket socket() {
        return socket;
    }

    /** Answers what waits. Whether anything did. */
    boolean answer() {
        boolean any = false;
        for (byte[] sender = socket.recv(ZMQ.DONTWAIT); sender != null; sender = socket.recv(ZMQ.DONTWAIT)) {
            List<byte[]> frames = new ArrayList<>(REQUEST_FRAMES);
            while (socket.hasReceiveMore()) {
                frames.add(socket.recv(ZMQ.DONTWAIT));
            }
            answer(sender, frames);
            any = true;
        }
        return any;
    }

    @Override
    public void close() {
        socket.close();
    }

    /** Frames: empty, version, request, domain, address, identity, mechanism, key. */
    private void answer(byte[] sender, List<byte[]> frames) {
        if (frames.size() < 3) {
            return;
        }
        String domain = frames.size() > 3 ? text(frames.get(3)) : "";
        boolean good = frames.size() == REQUEST_FRAMES - 1
                && "CURVE".equals(text(frames.get(6)))
                && keysByDomain.containsKey(domain)
                && MessageDigest.isEqual(keysByDomain.get(domain), frames.get(7));
        socket.sendMore(sender);
        socket.sendMore(NOTHING);
        socket.sendMore("1.0");
        socket.sendMore(frames.get(2));
        socket.sendMore(good ? "200" : "400");
        socket.sendMore(good ? "OK" : "unknown key");
        socket.sendMore(good ? domain : "");
        socket.send(NOTHING);
    }

    private static String text(byte[] frame) {
        return new String(frame, StandardCharsets.US_ASCII);
    }
}
