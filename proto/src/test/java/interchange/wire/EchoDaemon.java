package interchange.wire;

import java.util.List;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZFrame;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** The daemon's end of a link, as far as these tests need it: greets, and sends everything back until it reads "bye". */
final class EchoDaemon implements AutoCloseable {
    private static final int LOOK_MILLIS = 20;

    private final ZContext context = new ZContext(1);
    private final CurveKeys clientKeys = CurveKeys.draw();
    private final CurveKeys serverKeys = CurveKeys.draw();
    private final int port;
    private final Thread thread;
    private volatile boolean closing;

    EchoDaemon() {
        this("127.0.0.1", Greeting.ofDaemon().bytes());
    }

    EchoDaemon(String host, byte[] greeting) {
        ZMQ.Socket socket = context.createSocket(SocketType.ROUTER);
        socket.setCurveServer(true);
        socket.setCurveSecretKey(CurveKeys.bytes(serverKeys.secretKey()));
        socket.setCurvePublicKey(CurveKeys.bytes(serverKeys.publicKey()));
        socket.setHelloMsg(greeting);
        socket.setIPv6(host.startsWith("["));
        socket.setLinger(0);
        port = socket.bindToRandomPort("tcp://" + host);
        thread = Thread.ofPlatform().start(() -> echo(socket));
    }

    ConnectionFile connection(String... addresses) {
        return connectionWithKey(serverKeys.publicKey(), addresses);
    }

    ConnectionFile connectionWithKey(String serverKey, String... addresses) {
        return new ConnectionFile(
                "0.1.0", List.of(addresses), port, serverKey, clientKeys.publicKey(), clientKeys.secretKey());
    }

    int port() {
        return port;
    }

    /** Waits until a link has said "bye", after which everything is closed. */
    void awaitEnd() throws InterruptedException {
        thread.join();
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        context.close();
    }

    /** On the socket's own thread, which also closes it: jeromq sockets bear no other. */
    private void echo(ZMQ.Socket socket) {
        socket.setReceiveTimeOut(LOOK_MILLIS);
        boolean bye = false;
        while (!closing && !bye) {
            ZMsg message = ZMsg.recvMsg(socket);
            if (message != null) {
                ZFrame body = message.getLast();
                bye = body != null && body.streq("bye");
                if (body != null && Greeting.parse(body.getData()).isEmpty()) {
                    message.send(socket);
                }
            }
        }
        socket.close();
    }
}
