package interchange.submit.control;

import interchange.proto.control.PingRequest;
import interchange.proto.control.PingResponse;
import interchange.proto.control.Request;
import interchange.shared.Reasons;
import interchange.submit.CommandException;
import interchange.submit.Home;
import interchange.submit.Kind;
import interchange.submit.launch.DaemonLauncher;
import interchange.submit.output.Console;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the daemon, and starts one where there is none and the user has nothing against it. */
public final class DaemonAccess {
    /** Turns starting on demand off. */
    public static final String AUTOSTART_VARIABLE = "INTERCHANGE_AUTOSTART";

    /** A daemon that has not answered by then is given up, with what it said. */
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** How long one that has the directory already may take to answer. */
    private static final Duration OTHER_LIMIT = Duration.ofSeconds(10);

    private static final long LOOK_MILLIS = 20;

    /** A daemon that is just ending hangs up, too; one whose keys are others still does so afterwards. */
    private static final int REFUSALS_MAX = 4;

    private static final long REFUSED_MILLIS = 300;
    private static final int REASON_BYTES_MAX = 4096;

    /** From supervisor.sh. */
    private static final String RESTARTS = "the daemon ended with status";

    private static final int REFUSED_TO_START = 3;
    private static final Pattern OFF = Pattern.compile("(?i)0|no|off|false");
    private static final Pattern OFF_LINE =
            Pattern.compile("(?im)^autostart\\s*:\\s*[\"']?(no|off|false)[\"']?\\s*(#.*)?$");

    private final Home home;
    private final Map<String, String> environment;
    private final Console console;

    public DaemonAccess(Home home, Map<String, String> environment, Console console) {
        this.home = home;
        this.environment = Map.copyOf(environment);
        this.console = console;
    }

    /** A client of the daemon that runs; asking it fails when there is none. */
    public ControlClient find() {
        return new ControlClient(home, this::showProgress);
    }

    /** A client of a daemon that answers, started if need be. */
    public ControlClient findOrStart() throws CommandException {
        ControlClient client = find();
        if (ping(client).isEmpty()) {
            if (!autostart()) {
                throw new CommandException(
                        Kind.NO_DAEMON,
                        "no daemon answers for " + home.directory()
                                + ", and starting one on demand is turned off (autostart): run 'interchange start'");
            }
            start(List.of());
        }
        return client;
    }

    /** What the daemon says of itself; empty when none answers. Other troubles are thrown. */
    public Optional<PingResponse> ping(ControlClient client) throws CommandException {
        for (int look = 1; true; look++) {
            try {
                return Optional.of(client.call(Request.newBuilder().setPing(PingRequest.getDefaultInstance()))
                        .getPing());
            } catch (CommandException e) {
                if (e.kind() == Kind.NO_DAEMON) {
                    return Optional.empty();
                }
                if (e.kind() != Kind.REFUSED) {
                    throw e;
                }
                if (!isHeld()) {
                    return Optional.empty(); // a stranger, on the port of a daemon that is no more
                }
                if (look == REFUSALS_MAX) {
                    throw refused(e);
                }
            }
            pause(REFUSED_MILLIS);
        }
    }

    private boolean isHeld() throws CommandException {
        return holder().filter(Holder::mayLive).isPresent();
    }

    private Optional<Holder> holder() throws CommandException {
        try {
            return Holder.read(home.owner());
        } catch (IOException e) {
            throw new CommandException(Kind.INTERNAL, home.owner() + " can't be read: " + Reasons.of(e));
        }
    }

    private CommandException refused(CommandException cause) throws CommandException {
        String whose = holder().map(holder -> "; " + home.directory() + " belongs to process " + holder.pid() + " on "
                        + holder.host() + ": end it there ('kill " + holder.pid()
                        + "'; what runs goes on), and 'interchange start' writes the file anew")
                .orElse("");
        return new CommandException(Kind.REFUSED, cause.getMessage() + whose);
    }

    /** Starts a daemon, or finds that another client has just done so, and waits until it answers. */
    public PingResponse start(List<String> arguments) throws CommandException {
        try {
            home.create();
            // Closing the file releases the lock. It only spares a second daemon that would find out by itself.
            try (FileChannel file =
                            FileChannel.open(home.startLock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    ControlClient client = find()) {
                file.lock();
                Optional<PingResponse> running = ping(client);
                return running.isPresent() ? running.get() : startLocked(client, arguments);
            }
        } catch (IOException e) {
            throw new CommandException(
                    Kind.INTERNAL,
                    "the daemon's directory " + home.directory() + " can't be used: " + Reasons.of(e) + "; "
                            + Home.REMEDY);
        }
    }

    private PingResponse startLocked(ControlClient client, List<String> arguments)
            throws CommandException, IOException {
        DaemonLauncher launcher = new DaemonLauncher(home, environment);
        launcher.warnings().forEach(console::note);
        long saidBefore = Files.exists(home.errors()) ? Files.size(home.errors()) : 0;
        String fileBefore = connectionStamp();
        Process supervisor = launcher.start(arguments);
        long deadlineNanos = System.nanoTime() + START_LIMIT.toNanos();
        long otherDeadlineNanos = System.nanoTime() + OTHER_LIMIT.toNanos();
        while (System.nanoTime() < deadlineNanos && !failedTwice(saidBefore)) {
            if (!connectionStamp().equals(fileBefore) || !supervisor.isAlive()) {
                Optional<PingResponse> answer = ping(client);
                if (answer.isPresent()) {
                    return answer.get();
                }
            }
            if (!supervisor.isAlive() && !(anotherLives() && System.nanoTime() < otherDeadlineNanos)) {
                throw new CommandException(
                        supervisor.exitValue() == REFUSED_TO_START ? Kind.NO_DAEMON : Kind.INTERNAL,
                        "the daemon did not start: " + reason(saidBefore));
            }
            pause(LOOK_MILLIS);
        }
        throw new CommandException(
                Kind.NO_DAEMON,
                "the daemon was started but does not answer; it is tried again in the background, until 'interchange"
                        + " stop'. It says: " + reason(saidBefore));
    }

    /**
     * Whether the directory belongs to a living process of this host: a supervisor that is older than ours may have
     * just started its daemon anew, and ours refused in its favour before it answered.
     */
    private boolean anotherLives() throws CommandException {
        return holder().filter(Holder::livesHere).isPresent();
    }

    /** One failure may be an accident; of two it is time to tell. */
    private boolean failedTwice(long from) {
        String said = Files.exists(home.errors()) ? reason(from) : "";
        return said.indexOf(RESTARTS) != said.lastIndexOf(RESTARTS);
    }

    /** Changes whenever a daemon writes its connection file, even with the same content. */
    private String connectionStamp() throws IOException {
        return Files.exists(home.clientConnection())
                ? Files.getLastModifiedTime(home.clientConnection()) + " "
                        + Files.readAttributes(home.clientConnection(), "unix:ino")
                                .get("ino")
                : "";
    }

    private String reason(long from) {
        try (RandomAccessFile file = new RandomAccessFile(home.errors().toFile(), "r")) {
            long start = Math.max(file.length() < from ? 0 : from, file.length() - REASON_BYTES_MAX);
            file.seek(start);
            byte[] tail = new byte[(int) (file.length() - start)];
            file.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).strip();
            return text.isEmpty() ? "it gave no reason; see " + home.log() : text;
        } catch (IOException e) {
            return "its reason in " + home.errors() + " can't be read: " + Reasons.of(e);
        }
    }

    private boolean autostart() throws CommandException {
        if (OFF.matcher(environment.getOrDefault(AUTOSTART_VARIABLE, "")).matches()) {
            return false;
        }
        try {
            return !Files.exists(home.configuration())
                    || !OFF_LINE.matcher(Files.readString(home.configuration())).find();
        } catch (IOException e) {
            throw new CommandException(
                    Kind.USER,
                    home.configuration() + " can't be read: " + Reasons.of(e)
                            + "; mend it, or remove it for the default settings");
        }
    }

    private void showProgress(interchange.proto.control.Progress progress) {
        if (console.terminal() && progress.getTotal() > 0) {
            console.note(progress.getDoing() + ": " + progress.getDone() + " of " + progress.getTotal());
        }
    }

    private static void pause(long millis) throws CommandException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(Kind.INTERNAL, "interrupted while waiting for the daemon");
        }
    }
}
