package interchange.submit.command;

import interchange.proto.control.PingResponse;
import interchange.proto.control.Request;
import interchange.proto.control.StopRequest;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.DaemonAccess;
import interchange.submit.control.Holder;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code stop}: the daemon; runs go on at the next start. */
@Command(
        name = "stop",
        description = {
            "Stop the daemon: start nothing new, wait for what runs, then end the blocks.",
            "Runs go on at the next start."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange stop                   waits up to 10 minutes, then kills what still runs",
            "  interchange stop --timeout 2h",
            "  interchange stop --now             kills what runs; it runs again later and spends no retry",
            "  interchange stop --keep-blocks     workers and jobs go on meanwhile: for replacing the daemon"
        })
public final class StopCommand implements Action {
    /** For the end itself, beyond the wait for jobs. */
    private static final Duration END_LIMIT = Duration.ofSeconds(90);

    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--now", description = "Don't wait for what runs.")
    boolean now;

    @Option(names = "--keep-blocks", description = "Leave workers and their jobs alone.")
    boolean keepBlocks;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "How long to wait for what runs (default: 10m); like 90s, 10m, 2h.")
    String timeout = "10m";

    @Override
    public int run(Session session) throws CommandException, IOException {
        if (now && keepBlocks) {
            throw new CommandException(Kind.USER, "--now and --keep-blocks exclude each other: choose one");
        }
        Duration wait = TimeOption.parse("--timeout", timeout);
        DaemonAccess access = session.daemon();
        try (var client = access.find()) {
            Optional<PingResponse> daemon = access.ping(client);
            // Before anything else: a supervisor that is about to start the daemon anew looks at it.
            Files.deleteIfExists(session.home().wanted());
            if (daemon.isEmpty()) {
                session.console()
                        .note("no daemon is running for " + session.home().directory());
                if (session.console().json()) {
                    session.console().line("{\"messages\":[]}");
                }
                return 0;
            }
            var answer = client.call(
                    Request.newBuilder()
                            .setStop(StopRequest.newBuilder().setMode(mode()).setTimeoutMillis(wait.toMillis())),
                    wait.plus(END_LIMIT));
            awaitEnd(daemon.get(), session);
            Done.show(answer, session.console());
            return 0;
        }
    }

    private StopRequest.Mode mode() {
        if (keepBlocks) {
            return StopRequest.Mode.KEEP_BLOCKS;
        }
        return now ? StopRequest.Mode.NOW : StopRequest.Mode.DRAIN;
    }

    /** Whoever starts another one next must not find this one still there. */
    private static void awaitEnd(PingResponse daemon, Session session) throws CommandException {
        if (!Holder.isThisHost(daemon.getHost())) {
            return; // its process id is another process here, or none
        }
        Optional<ProcessHandle> process = ProcessHandle.of(daemon.getPid())
                .filter(handle -> handle.info().command().orElse("").endsWith("java"));
        if (process.isEmpty()) {
            return;
        }
        try {
            process.get().onExit().get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new CommandException(
                    Kind.UNAVAILABLE,
                    "the daemon (process " + daemon.getPid() + ") is stopping but still there after "
                            + END_LIMIT.toSeconds() + " s; its log is "
                            + session.home().log());
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("waiting for the end of a process failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(Kind.INTERNAL, "interrupted while the daemon was stopping");
        }
    }
}
