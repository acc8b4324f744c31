package interchange.submit.command;

import interchange.proto.control.PurgeRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code purge --older 90d}: forgets runs that ended long ago. */
@Command(
        name = "purge",
        description = "Forget runs that ended long ago, so that the daemon's database stays small. Their files stay.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange purge --older 90d"})
public final class PurgeCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(
            names = "--older",
            required = true,
            paramLabel = "TIME",
            description = "Runs that ended longer ago than this; like 90d or 12w.")
    String older = "";

    @Override
    public int run(Session session) throws CommandException {
        long seconds = TimeOption.parse("--older", older).toSeconds();
        try (var client = session.daemon().findOrStart()) {
            Done.show(
                    client.call(Request.newBuilder()
                            .setPurge(PurgeRequest.newBuilder().setOlderSeconds(seconds))),
                    session.console());
            return 0;
        }
    }
}
