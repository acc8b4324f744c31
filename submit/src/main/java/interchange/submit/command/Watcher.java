package interchange.submit.command;

import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.RunState;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import interchange.submit.output.LiveView;
import interchange.submit.output.PlainView;
import interchange.submit.output.ProgressView;
import interchange.submit.output.TerminalSize;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/** Follows one run to its end, whatever becomes of the daemon meanwhile. */
final class Watcher {
    private static final Duration PERIOD = Duration.ofMillis(500);

    /** Between two attempts to reach a daemon that is away. */
    private static final Duration AWAY_PERIOD = Duration.ofSeconds(1);

    /** A daemon that was stopped on purpose and is not back by then is not waited for. */
    private static final Duration STOPPED_LIMIT = Duration.ofSeconds(30);

    /** Of a daemon that is connected: it answers reports at once, or something is worth showing. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(3);

    private final Session session;
    private final ControlClient client;
    private final int run;
    private final ProgressView view;
    private volatile boolean ended;

    Watcher(Session session, ControlClient client, int run) {
        this.session = session;
        this.client = client;
        this.run = run;
        this.view = session.console().terminal() && !session.console().json()
                ? new LiveView(session.console(), TerminalSize.now())
                : new PlainView(session.console(), Duration.ofSeconds(5));
    }

    /** The exit code: 0 when the run succeeded, 1 when it ended otherwise. */
    int follow() throws CommandException, InterruptedException {
        Thread farewell = new Thread(this::sayGoodbye, "farewell");
        Runtime.getRuntime().addShutdownHook(farewell);
        try {
            return followToTheEnd();
        } finally {
            ended = true;
            Runtime.getRuntime().removeShutdownHook(farewell);
        }
    }

    private int followToTheEnd() throws CommandException, InterruptedException {
        long awaySinceNanos = System.nanoTime();
        while (true) {
            Optional<ReportResponse> report = ask();
            if (report.isEmpty()) {
                giveUpIfStopped(awaySinceNanos);
                Thread.sleep(AWAY_PERIOD.toMillis());
                continue;
            }
            awaySinceNanos = System.nanoTime();
            RunState state = report.get().getSummary().getState();
            int exitCode = StatusCommand.exitCode(state);
            if (exitCode != StatusCommand.NOT_ENDED) {
                view.end(report.get());
                return exitCode;
            }
            view.show(report.get());
            Thread.sleep(PERIOD.toMillis());
        }
    }

    private Optional<ReportResponse> ask() throws CommandException {
        try {
            return Optional.of(client.call(
                            Request.newBuilder()
                                    .setReport(ReportRequest.newBuilder().setRun(String.valueOf(run))),
                            SILENCE_LIMIT)
                    .getReport());
        } catch (CommandException e) {
            if (e.kind() != Kind.NO_DAEMON && e.kind() != Kind.UNAVAILABLE) {
                throw e;
            }
            client.close();
            view.away(String.join("; ", e.messages()));
            return Optional.empty();
        }
    }

    private void giveUpIfStopped(long awaySinceNanos) throws CommandException {
        boolean wanted = Files.exists(session.home().wanted());
        if (!wanted && System.nanoTime() - awaySinceNanos > STOPPED_LIMIT.toNanos()) {
            throw new CommandException(
                    Kind.NO_DAEMON,
                    "the daemon was stopped; run " + run + " goes on at the next 'interchange start', and 'interchange"
                            + " watch " + run + "' follows it");
        }
    }

    private void sayGoodbye() {
        if (!ended) {
            session.console().out().flush();
            session.console().note("run " + run + " goes on; come back by 'interchange watch " + run + "'");
            session.console().err().flush();
        }
    }
}
