package interchange.submit.command;

import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.output.ReportText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code report RUN}: labels by states, exit codes, and what the user should know. */
@Command(
        name = "report",
        description = "Report on a run: its jobs by label and state, the exit codes of failures, what to know.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange report 3",
            "  interchange report submit/u/me/demo/20261122T120000Z",
            "  interchange report 3 --json | jq .labels"
        })
public final class ReportCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            ReportResponse report = client.call(Request.newBuilder()
                            .setReport(ReportRequest.newBuilder().setRun(session.run(parameter.run))))
                    .getReport();
            if (session.console().json()) {
                session.console().json(report);
            } else {
                ReportText.print(report, session.console());
            }
            return 0;
        }
    }
}
