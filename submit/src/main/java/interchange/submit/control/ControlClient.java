package interchange.submit.control;

import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.control.Progress;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.shared.Reasons;
import interchange.submit.CommandException;
import interchange.submit.Home;
import interchange.submit.Kind;
import interchange.submit.Version;
import interchange.wire.ConnectionFile;
import interchange.wire.Link;
import interchange.wire.UnreachableException;
import interchange.wire.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the daemon, and waits for what it answers. A request that was not answered because the daemon was replaced
 * meanwhile is sent again under the same id, which the daemon answers without doing it twice.
 */
public final class ControlClient implements AutoCloseable {
    /** How long the addresses of the daemon may take to be connected to. */
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

    /** After this much silence the connection file is read again: the daemon may have moved. */
    private static final Duration GLANCE = Duration.ofSeconds(1);

    /** How long the daemon may say nothing at all, not even progress. */
    public static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    /** How long a request waits for a daemon that is being started anew. */
    private static final Duration AWAY_LIMIT = Duration.ofSeconds(20);

    private static final long RETRY_MILLIS = 200;

    private final Home home;
    private final Consumer<Progress> progress;
    private @Nullable Connected connected;

    private record Connected(Link link, ConnectionFile daemon) {}

    public ControlClient(Home home, Consumer<Progress> progress) {
        this.home = home;
        this.progress = progress;
    }

    /** The one answer to a request. */
    public Response call(Request.Builder request) throws CommandException {
        return call(request, SILENCE_LIMIT);
    }

    /**
     * The one answer to a request.
     *
     * @param silenceLimit how long nothing at all may be heard
     */
    public Response call(Request.Builder request, Duration silenceLimit) throws CommandException {
        request.setVersion(Version.current());
        if (request.getId().isEmpty()) {
            request.setId(UUID.randomUUID().toString());
        }
        byte[] message = request.build().toByteArray();
        send(message);
        long heardNanos = System.nanoTime();
        while (true) {
            Optional<Response> response = receive(request.getId());
            if (response.isEmpty()) {
                if (System.nanoTime() - heardNanos > silenceLimit.toNanos()) {
                    close();
                    throw new CommandException(Kind.NO_DAEMON, silence(silenceLimit));
                }
                sendAgainIfGone(message, silenceLimit);
                continue;
            }
            heardNanos = System.nanoTime();
            if (response.get().hasProgress()) {
                progress.accept(response.get().getProgress());
            } else if (response.get().hasError()) {
                throw failure(response.get());
            } else {
                return response.get();
            }
        }
    }

    private static CommandException failure(Response response) {
        return new CommandException(
                Kind.of(response.getError().getKind()), response.getError().getMessagesList());
    }

    private String silence(Duration limit) {
        return "the daemon of " + home.directory() + " is connected but has said nothing for " + limit.toSeconds()
                + " s; its log is " + home.log();
    }

    private void send(byte[] message) throws CommandException {
        if (message.length > Wire.TO_DAEMON_BYTES_MAX) {
            throw new CommandException(
                    Kind.USER,
                    "the request has " + message.length + " bytes, more than the " + Wire.TO_DAEMON_BYTES_MAX
                            + " that the daemon reads: is the environment that large?");
        }
        if (connected != null && connected.link.broken()) {
            // By the end of the daemon that answered the last request; the next one may be there already.
            close();
        }
        Connected now = connect();
        if (!now.link.send(message)) {
            close();
            throw new CommandException(Kind.NO_DAEMON, "the daemon of " + home.directory() + " takes no messages");
        }
    }

    private Optional<Response> receive(String id) throws CommandException {
        Optional<byte[]> message = connect().link.receive(GLANCE);
        if (message.isEmpty()) {
            return Optional.empty();
        }
        try {
            Response response = Response.parseFrom(message.get());
            return response.getId().equals(id) ? Optional.of(response) : Optional.empty();
        } catch (InvalidProtocolBufferException e) {
            throw new CommandException(
                    Kind.VERSION,
                    "what the daemon says can't be read (" + e.getMessage() + "); this command line is version "
                            + Version.current());
        }
    }

    /** The daemon has died or moved: its successor gets the same request, and knows it if it was done already. */
    private void sendAgainIfGone(byte[] message, Duration patience) throws CommandException {
        Connected before = connect();
        boolean moved = readFile().filter(file -> !file.equals(before.daemon)).isPresent();
        if (!moved && !before.link.broken()) {
            return;
        }
        close();
        Duration limit = patience.compareTo(AWAY_LIMIT) < 0 ? patience : AWAY_LIMIT;
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                send(message);
                return;
            } catch (CommandException e) {
                boolean away = e.kind() == Kind.NO_DAEMON || e.kind() == Kind.REFUSED;
                if (!away || System.nanoTime() > deadlineNanos) {
                    throw e;
                }
            }
            LockSupport.parkNanos(Duration.ofMillis(RETRY_MILLIS).toNanos());
        }
    }

    private Connected connect() throws CommandException {
        if (connected != null) {
            return connected;
        }
        Optional<ConnectionFile> daemon = readFile();
        if (daemon.isEmpty()) {
            throw new CommandException(
                    Kind.NO_DAEMON,
                    "no daemon: there is no " + home.clientConnection() + "; start one with 'interchange start'");
        }
        try {
            Link link = Link.open(daemon.get(), CONNECT_LIMIT);
            connected = new Connected(link, daemon.get());
            return connected;
        } catch (UnreachableException e) {
            throw unreachable(e);
        }
    }

    private CommandException unreachable(UnreachableException e) {
        return e.refused()
                ? new CommandException(
                        Kind.REFUSED,
                        "what " + home.clientConnection() + " leads to can't be talked to: " + e.getMessage())
                : new CommandException(
                        Kind.NO_DAEMON,
                        "the daemon of " + home.directory() + " does not answer: " + e.getMessage()
                                + "; start one with 'interchange start'");
    }

    private Optional<ConnectionFile> readFile() throws CommandException {
        if (!Files.exists(home.clientConnection())) {
            return Optional.empty();
        }
        try {
            return Optional.of(ConnectionFile.read(home.clientConnection()));
        } catch (IOException e) {
            throw new CommandException(Kind.NO_DAEMON, home.clientConnection() + " can't be read: " + Reasons.of(e));
        }
    }

    @Override
    public void close() {
        if (connected != null) {
            connected.link.close();
            connected = null;
        }
    }
}
