package interchange.submit.command;

import interchange.proto.control.PingRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ping}: is the daemon there? Never starts one. */
@Command(
        name = "ping",
        description = "Ask the daemon whether it is there. Starts none; exit code 3 without one.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange ping || interchange start"})
public final class PingCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().find()) {
            DaemonText.printLine(
                    client.call(Request.newBuilder().setPing(PingRequest.getDefaultInstance()))
                            .getPing(),
                    session.console());
            return 0;
        }
    }
}
