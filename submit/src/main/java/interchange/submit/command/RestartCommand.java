package interchange.submit.command;

import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.RestartRequest;
import interchange.proto.control.RestartResponse;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.workflow.EnvironmentFilter;
import interchange.submit.workflow.ExportRules;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code restart RUN}: once more what has not succeeded. */
@Command(
        name = "restart",
        description = {
            "Run again what has not succeeded in a run that has ended, and its final job.",
            "Jobs see the environment of this shell from now on."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  interchange restart 3"})
public final class RestartCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Override
    public int run(Session session) throws CommandException {
        String run = session.run(parameter.run);
        try (var client = session.daemon().findOrStart()) {
            ReportResponse report = client.call(Request.newBuilder()
                            .setReport(ReportRequest.newBuilder().setRun(run)))
                    .getReport();
            EnvironmentFilter filter = ExportRules.of(report.getExportEnvironment());
            RestartResponse answer = client.call(Request.newBuilder()
                            .setRestart(RestartRequest.newBuilder()
                                    .setRun(run)
                                    .putAllEnvironment(filter.apply(session.environment()))))
                    .getRestart();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                session.console().line("Run " + answer.getRun() + " " + answer.getName() + " is running again");
                answer.getMessagesList().forEach(session.console()::line);
            }
            return 0;
        }
    }
}
