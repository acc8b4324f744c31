package interchange.submit.command;

import interchange.proto.control.CancelRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cancel RUN}: ends its jobs. */
@Command(
        name = "cancel",
        description = "End a run: kill its jobs, then run the final job where the workflow says that it always runs.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange cancel 3",
            "  interchange cancel 3 --force     at once, without the final job; as is a second cancel"
        })
public final class CancelCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Option(names = "--force", description = "At once: no final job.")
    boolean force;

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            Done.show(
                    client.call(Request.newBuilder()
                            .setCancel(CancelRequest.newBuilder()
                                    .setRun(session.run(parameter.run))
                                    .setForce(force))),
                    session.console());
            return 0;
        }
    }
}
