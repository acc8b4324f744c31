package interchange.submit.command;

import interchange.proto.control.JobState;
import interchange.proto.control.ListRequest;
import interchange.proto.control.ListResponse;
import interchange.proto.control.Request;
import interchange.proto.control.RunSummary;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.output.Table;
import interchange.submit.output.Words;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code list}: runs, newest last. */
@Command(
        name = "list",
        description = "List runs: those that go on, and those that ended lately.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange list",
            "  interchange list --hist 30 --user $USER",
            "  interchange list --json | jq '.runs[] | select(.state == \"RUN_FAILED\") | .id'"
        })
public final class ListCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(
            names = {"--hist", "--history"},
            paramLabel = "DAYS",
            defaultValue = "7",
            description = "With runs that ended in the last so many days (default: 7); negative: all.")
    double historyDays;

    @Option(
            names = {"--user", "--operator"},
            paramLabel = "NAME",
            defaultValue = "",
            description = "Runs of this operator alone.")
    String operator = "";

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            ListResponse answer = client.call(Request.newBuilder()
                            .setList(ListRequest.newBuilder()
                                    .setHistoryDays(historyDays)
                                    .setOperator(operator)))
                    .getList();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                show(answer, session);
            }
            return 0;
        }
    }

    private static void show(ListResponse answer, Session session) {
        Table table = new Table("RUN", "STATE", "JOBS", "DONE", "RUNNING", "FAILED", "SITE", "SUBMITTED", "NAME");
        for (RunSummary run : answer.getRunsList()) {
            table.row(
                    run.getId(),
                    Words.state(run.getState()) + (run.getCancelling() ? " (cancelling)" : ""),
                    run.getJobs(),
                    Words.count(run.getCountsList(), JobState.SUCCEEDED),
                    Words.count(run.getCountsList(), JobState.RUNNING),
                    Words.count(run.getCountsList(), JobState.FAILED),
                    Words.orDash(run.getSite()),
                    Words.time(run.getSubmittedEpochMillis()),
                    run.getName());
        }
        table.print(session.console());
    }
}
