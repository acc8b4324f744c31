package interchange.submit.command;

import interchange.proto.control.JobState;
import interchange.proto.control.ReportRequest;
import interchange.proto.control.Request;
import interchange.proto.control.RunState;
import interchange.proto.control.RunSummary;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.output.Words;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code status RUN}: one line, and an exit code for scripts. */
@Command(
        name = "status",
        description = "Tell the state of a run, in one line and in the exit code.",
        footerHeading = "%nExit codes and examples:%n",
        footer = {
            "  0 succeeded, 1 ended otherwise or held, 6 not ended yet",
            "",
            "  interchange status 3",
            "  while interchange status 3 > /dev/null; [ $? -eq 6 ]; do sleep 60; done"
        })
public final class StatusCommand implements Action {
    /** Beside the codes that all commands share. */
    static final int NOT_ENDED = 6;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            RunSummary summary = client.call(Request.newBuilder()
                            .setReport(ReportRequest.newBuilder().setRun(session.run(parameter.run))))
                    .getReport()
                    .getSummary();
            if (session.console().json()) {
                session.console().json(summary);
            } else {
                session.console().line(line(summary));
            }
            return exitCode(summary.getState());
        }
    }

    private static String line(RunSummary summary) {
        return Words.state(summary.getState()) + ", "
                + Words.count(summary.getCountsList(), JobState.SUCCEEDED) + " of " + summary.getJobs()
                + " jobs succeeded";
    }

    static int exitCode(RunState state) {
        return switch (state) {
            case RUN_SUCCEEDED -> 0;
            case RUN_FAILED, RUN_DELETED, RUN_HELD -> 1;
            case RUN_READY, RUN_RUNNING, RUN_STATE_UNSPECIFIED, UNRECOGNIZED -> NOT_ENDED;
        };
    }
}
