package interchange.submit.command;

import interchange.proto.control.CancelRequest;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.ReportRequest;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cancel RUN...}: ends their jobs. */
@Command(
        name = "cancel",
        description = {
            "End runs: kill their jobs, then run the final job where the workflow says that it always runs.",
            "Of several, one that can't be cancelled keeps none of the others from it."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange cancel 3",
            "  interchange cancel 3 4 submit/u/me/demo/20261122T120000Z",
            "  interchange cancel 3 --force     at once, without the final job; as is a second cancel"
        })
public final class CancelCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Parameters(
            index = "0..*",
            arity = "1..*",
            paramLabel = "RUN",
            description = "Its number, submit directory or global id; or several of them.")
    List<String> runs = new ArrayList<>();

    @Option(names = "--force", description = "At once: no final job.")
    boolean force;

    @Override
    public int run(Session session) throws CommandException {
        DoneResponse.Builder done = DoneResponse.newBuilder();
        List<CommandException> problems = new ArrayList<>();
        try (var client = session.daemon().findOrStart()) {
            for (String run : each(session, client)) {
                try {
                    done.addAllMessages(cancel(run, client).getMessagesList());
                } catch (CommandException e) {
                    if (e.kind() != Kind.NOT_FOUND && e.kind() != Kind.CONFLICT) {
                        throw e;
                    }
                    problems.add(e);
                }
            }
        }
        if (problems.isEmpty() || !session.console().json()) {
            Done.show(Response.newBuilder().setDone(done).build(), session.console());
        } else {
            done.getMessagesList().forEach(session.console()::note);
        }
        if (!problems.isEmpty()) {
            throw new CommandException(
                    problems.getFirst().kind(),
                    problems.stream()
                            .flatMap(problem -> problem.messages().stream())
                            .toList());
        }
        return 0;
    }

    /** Named twice is not cancelled twice, which would be by force. */
    private Set<String> each(Session session, ControlClient client) throws CommandException {
        Set<String> each = new LinkedHashSet<>();
        for (String run : runs) {
            String name = session.run(run);
            each.add(runs.size() == 1 || name.matches("[0-9]+") ? name : idOf(name, client));
        }
        return each;
    }

    private static String idOf(String run, ControlClient client) throws CommandException {
        try {
            return String.valueOf(client.call(Request.newBuilder()
                            .setReport(ReportRequest.newBuilder().setRun(run)))
                    .getReport()
                    .getSummary()
                    .getId());
        } catch (CommandException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            // It is said when it is to be cancelled.
            return run;
        }
    }

    private DoneResponse cancel(String run, ControlClient client) throws CommandException {
        return client.call(Request.newBuilder()
                        .setCancel(CancelRequest.newBuilder().setRun(run).setForce(force)))
                .getDone();
    }
}
