package interchange.submit.command;

import interchange.proto.control.PingResponse;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.control.DaemonAccess;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ensure}: for cron; starts the daemon where it should be running and does not. */
@Command(
        name = "ensure",
        description = "Start the daemon if it should be running (it was started, and not stopped) and is not. Says"
                + " nothing if all is well; with --json, how the daemon is, or {} where none should run.",
        footerHeading = "%nExamples:%n",
        footer = {"  */10 * * * *  interchange ensure      in a crontab: back within minutes after a reboot"})
public final class EnsureCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public int run(Session session) throws CommandException {
        if (!Files.exists(session.home().wanted())) {
            if (session.console().json()) {
                session.console().line("{}");
            }
            return 0;
        }
        DaemonAccess access = session.daemon();
        try (var client = access.find()) {
            Optional<PingResponse> running = access.ping(client);
            if (running.isEmpty()) {
                DaemonText.printLine(access.start(List.of()), session.console());
            } else if (session.console().json()) {
                session.console().json(running.get());
            }
            return 0;
        }
    }
}
