package interchange.submit.command;

import interchange.proto.control.ExplainRequest;
import interchange.proto.control.ExplainResponse;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code explain RUN JOB}: why it is not running, with the numbers that were compared. */
@Command(
        name = "explain",
        description = "Say why a job is not running, with the numbers that were compared.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange explain 3 calibrate_42"})
public final class ExplainCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Parameters(index = "1", paramLabel = "JOB", description = "The job's name.")
    String job = "";

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            ExplainResponse answer = client.call(Request.newBuilder()
                            .setExplain(ExplainRequest.newBuilder()
                                    .setRun(session.run(parameter.run))
                                    .setJob(job)))
                    .getExplain();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                session.console()
                        .line(answer.getJob().getName() + ": "
                                + answer.getJob().getState().name());
                answer.getReasonsList().forEach(reason -> session.console().line("  " + reason));
            }
            return 0;
        }
    }
}
