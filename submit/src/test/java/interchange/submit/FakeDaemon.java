package interchange.submit;

import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.control.Error;
import interchange.proto.control.PingResponse;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.wire.ConnectionFile;
import interchange.wire.CurveKeys;
import interchange.wire.Greeting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import org.zeromq.ZMsg;

/** A daemon's control socket that answers as it is told, and keeps what it was asked. Pings it answers by itself. */
public final class FakeDaemon implements AutoCloseable {
    private static final int LOOK_MILLIS = 10;

    private final ZContext context = new ZContext(1);
    private final Function<Request, List<Response.Builder>> answers;
    private final List<Request> asked = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closing;

    public FakeDaemon(Path home, Function<Request, List<Response.Builder>> answers) throws IOException {
        this.answers = answers;
        CurveKeys server = CurveKeys.draw();
        CurveKeys client = CurveKeys.draw();
        ZMQ.Socket socket = context.createSocket(SocketType.ROUTER);
        socket.setCurveServer(true);
        socket.setCurveSecretKey(CurveKeys.bytes(server.secretKey()));
        socket.setCurvePublicKey(CurveKeys.bytes(server.publicKey()));
        socket.setHelloMsg(Greeting.ofDaemon().bytes());
        socket.setLinger(0);
        int port = socket.bindToRandomPort("tcp://127.0.0.1");
        Files.createDirectories(home);
        new ConnectionFile(
                        "0.1.0", List.of("127.0.0.1"), port, server.publicKey(), client.publicKey(), client.secretKey())
                .write(home.resolve("client.connection"));
        thread = Thread.ofPlatform().start(() -> serve(socket));
    }

    /** One answer to everything. */
    public static Function<Request, List<Response.Builder>> always(Response.Builder answer) {
        return request -> List.of(answer.clone());
    }

    public static Response.Builder error(Error.Kind kind, String... messages) {
        return Response.newBuilder().setError(Error.newBuilder().setKind(kind).addAllMessages(List.of(messages)));
    }

    /** Requests so far, without pings. */
    public List<Request> asked() {
        return List.copyOf(asked);
    }

    private void serve(ZMQ.Socket socket) {
        socket.setReceiveTimeOut(LOOK_MILLIS);
        while (!closing) {
            Optional.ofNullable(ZMsg.recvMsg(socket)).ifPresent(message -> answer(socket, message));
        }
        socket.close();
    }

    private void answer(ZMQ.Socket socket, ZMsg message) {
        try {
            byte[] peer = message.getFirst().getData();
            if (Greeting.parse(message.getLast().getData()).isPresent()) {
                return;
            }
            Request request = Request.parseFrom(message.getLast().getData());
            for (Response.Builder answer : answersTo(request)) {
                socket.sendMore(peer);
                socket.send(answer.setId(request.getId()).build().toByteArray());
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Response.Builder> answersTo(Request request) {
        if (request.hasPing()) {
            return List.of(Response.newBuilder()
                    .setPing(PingResponse.newBuilder().setVersion("0.1.0").setHost("here")));
        }
        asked.add(request);
        return answers.apply(request);
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
}
