package interchange.daemon;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.Goodbye;
import interchange.proto.worker.Heartbeat;
import interchange.proto.worker.Held;
import interchange.proto.worker.Hello;
import interchange.proto.worker.Report;
import interchange.proto.worker.Reports;
import interchange.proto.worker.Started;
import interchange.proto.worker.Task;
import interchange.proto.worker.ToWorker;
import interchange.wire.ConnectionFile;
import interchange.wire.Link;
import interchange.wire.UnreachableException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToIntFunction;

/**
 * A worker without processes: a task ends at once, with the exit code that the test says. It keeps results until they are
 * acknowledged and connects again when its link breaks, as the real one does. Has a thread of its own.
 */
final class ScriptedWorker implements AutoCloseable {
    /** For a task that is to stay running. */
    static final int NEVER = -1;
    /** For one whose outputs can't be brought back. */
    static final int NOT_RETURNED = -2;

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration TURN = Duration.ofMillis(50);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    /** As the real one's, after which it connects anew. */
    private static final Duration WELCOME_PATIENCE = Duration.ofSeconds(10);

    final List<Task> tasks = new CopyOnWriteArrayList<>();
    final Map<Long, Map<String, String>> environments = new ConcurrentHashMap<>();
    final List<ToWorker> received = new CopyOnWriteArrayList<>();

    private final Path home;
    private final String blockToken;
    private final String incarnation;
    private final ToIntFunction<Task> exitCodes;
    private final Map<AttemptName, Held> held = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Report> toSend = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean closing;
    private volatile String last = "never connected";
    private final int start;
    private long hellos;
    private long session;
    private long lastSequence;
    private long heartbeats;
    private long lastHeartbeatNanos;

    ScriptedWorker(Path home, String blockToken, ToIntFunction<Task> exitCodes) {
        this(home, blockToken, exitCodes, 0);
    }

    /** @param hellos how many Hellos this incarnation has said before */
    ScriptedWorker(Path home, String blockToken, ToIntFunction<Task> exitCodes, long hellos) {
        this(home, blockToken, exitCodes, hellos, 1);
    }

    /** @param start which start of a worker here this is: all before it are dead */
    ScriptedWorker(Path home, String blockToken, ToIntFunction<Task> exitCodes, long hellos, int start) {
        this.hellos = hellos;
        this.start = start;
        this.home = home;
        this.blockToken = blockToken;
        this.incarnation = "incarnation-" + blockToken + (start == 1 ? "" : "-" + start);
        this.exitCodes = exitCodes;
        this.thread = Thread.ofPlatform().daemon().name("scripted-worker").start(this::live);
    }

    private void live() {
        try {
            stayConnected();
        } catch (Throwable e) {
            last = "failed with " + e;
            throw e;
        }
    }

    /** For messages. */
    @Override
    public String toString() {
        return "worker (" + last + ", " + hellos + " Hellos, got "
                + received.stream().map(ToWorker::getBodyCase).toList() + ")";
    }

    private void stayConnected() {
        while (!closing) {
            try (Link link = Link.open(ConnectionFile.read(home.resolve("worker.connection")), PATIENCE)) {
                session = 0;
                hello(link);
                last = "said Hello";
                long helloNanos = System.nanoTime();
                while (!closing && !link.broken() && !unanswered(helloNanos)) {
                    report(link);
                    Optional<byte[]> message = link.receive(TURN);
                    if (message.isPresent()) {
                        take(link, ToWorker.parseFrom(message.get()));
                    }
                }
            } catch (IOException | UnreachableException e) {
                // The daemon is away: again.
                last = e.toString();
            }
        }
    }

    private boolean unanswered(long helloNanos) {
        return session == 0 && System.nanoTime() - helloNanos > WELCOME_PATIENCE.toNanos();
    }

    private void hello(Link link) {
        hellos++;
        Hello hello = Hello.newBuilder()
                .setVersion(TestClient.VERSION)
                .setIncarnation(incarnation)
                .setNumber(hellos)
                .setBlockToken(blockToken)
                .setStart(start)
                .setHost("nowhere")
                .setPid(1)
                .setCores(4)
                .setMemoryMib(4096)
                .setRemainingSeconds(-1)
                .addAllHeld(held.values())
                .build();
        link.send(FromWorker.newBuilder().setHello(hello).build().toByteArray());
    }

    private void take(Link link, ToWorker message) {
        received.add(message);
        if (message.hasWelcome()) {
            session = message.getSession();
            lastSequence = message.getSequence();
            message.getWelcome().getAcknowledgedList().forEach(held::remove);
            message.getWelcome().getKillList().forEach(held::remove);
            return;
        }
        if (message.hasRefused()) {
            last = "was refused: " + message.getRefused().getReason();
            closing = !message.getRefused().getTryAgain();
            return;
        }
        if (message.getSequence() != lastSequence + 1) {
            throw new AssertionError("message " + message.getSequence() + " came after " + lastSequence);
        }
        lastSequence = message.getSequence();
        switch (message.getBodyCase()) {
            case RUN -> {
                message.getRun()
                        .getEnvironmentsList()
                        .forEach(some -> environments.put(some.getId(), some.getVariablesMap()));
                message.getRun().getTasksList().forEach(this::run);
            }
            case KILL -> message.getKill().getAttemptsList().forEach(this::kill);
            case ACKNOWLEDGE -> message.getAcknowledge().getAttemptsList().forEach(held::remove);
            case SHUTDOWN, DRAIN -> {
                toSend.clear();
                link.send(FromWorker.newBuilder()
                        .setSession(session)
                        .setGoodbye(Goodbye.newBuilder().setReason("told to leave"))
                        .build()
                        .toByteArray());
                closing = true;
            }
            default -> {
                // Nothing that this worker does.
            }
        }
    }

    private void run(Task task) {
        tasks.add(task);
        long now = System.currentTimeMillis();
        Started started = Started.newBuilder().setEpochMillis(now).build();
        held.put(
                task.getAttempt(),
                Held.newBuilder()
                        .setAttempt(task.getAttempt())
                        .setStarted(started)
                        .build());
        toSend.add(Report.newBuilder()
                .setAttempt(task.getAttempt())
                .setStarted(started)
                .build());
        int exitCode = exitCodes.applyAsInt(task);
        if (exitCode == NOT_RETURNED) {
            end(task.getAttempt(), Finished.Cause.NOT_RETURNED, 0);
        } else if (exitCode != NEVER) {
            end(task.getAttempt(), Finished.Cause.ENDED, exitCode);
        }
    }

    private void kill(AttemptName attempt) {
        if (held.containsKey(attempt)) {
            end(attempt, Finished.Cause.KILLED, 0);
        }
    }

    private void end(AttemptName attempt, Finished.Cause cause, int exitCode) {
        long now = System.currentTimeMillis();
        Finished finished = Finished.newBuilder()
                .setCause(cause)
                .setExitCode(exitCode)
                .setMessage(cause == Finished.Cause.NOT_RETURNED ? "no 'm'" : "")
                .setStartedEpochMillis(now)
                .setEndedEpochMillis(now)
                .build();
        held.put(
                attempt,
                Held.newBuilder().setAttempt(attempt).setFinished(finished).build());
        toSend.add(Report.newBuilder().setAttempt(attempt).setFinished(finished).build());
    }

    private void report(Link link) {
        if (session == 0) {
            return;
        }
        Reports.Builder reports = Reports.newBuilder();
        for (Report report = toSend.poll(); report != null; report = toSend.poll()) {
            reports.addReports(report);
        }
        if (reports.getReportsCount() > 0) {
            link.send(FromWorker.newBuilder()
                    .setSession(session)
                    .setReports(reports)
                    .build()
                    .toByteArray());
        }
        long now = System.nanoTime();
        if (now - lastHeartbeatNanos < HEARTBEAT.toNanos()) {
            return;
        }
        lastHeartbeatNanos = now;
        heartbeats++;
        link.send(FromWorker.newBuilder()
                .setSession(session)
                .setHeartbeat(Heartbeat.newBuilder().setNumber(heartbeats))
                .build()
                .toByteArray());
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join(PATIENCE);
    }
}
