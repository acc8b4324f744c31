package interchange.daemon;

import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.wire.ConnectionFile;
import interchange.wire.Link;
import interchange.wire.UnreachableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** A client as the command line is one: a request, then answers up to the last. Belongs to the test's thread. */
final class TestClient implements AutoCloseable {
    static final String VERSION = "0.1.0";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Link link;

    TestClient(Path home) throws IOException, UnreachableException {
        link = Link.open(ConnectionFile.read(home.resolve("client.connection")), PATIENCE);
    }

    Response ask(Request.Builder request) {
        return ask(UUID.randomUUID().toString(), VERSION, request);
    }

    Response ask(String id, String version, Request.Builder request) {
        link.send(request.setId(id).setVersion(version).build().toByteArray());
        while (true) {
            Optional<byte[]> message = link.receive(PATIENCE);
            if (message.isEmpty()) {
                throw new AssertionError("no answer to " + request.getBodyCase());
            }
            try {
                Response response = Response.parseFrom(message.get());
                if (!response.getId().equals(id)) {
                    throw new AssertionError("an answer to another request: " + response);
                }
                if (!response.getMore()) {
                    return response;
                }
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
