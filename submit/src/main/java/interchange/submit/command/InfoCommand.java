package interchange.submit.command;

import interchange.proto.control.PingRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code info}: the daemon about itself. Never starts one. */
@Command(
        name = "info",
        description = "Tell about the daemon: version, place, load, troubles. Starts none; exit code 3 without one.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange info", "  interchange info --json | jq -r '.troubles[]'"})
public final class InfoCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().find()) {
            DaemonText.printAll(
                    client.call(Request.newBuilder().setPing(PingRequest.getDefaultInstance()))
                            .getPing(),
                    session.console());
            return 0;
        }
    }
}
