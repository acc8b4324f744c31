package interchange.submit.command;

import interchange.proto.control.ReportRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code watch RUN}: its progress, live, to the end. */
@Command(
        name = "watch",
        description = {
            "Follow a run to its end: jobs by label, rate, estimated end. Exit code 0 if it succeeded, else 1.",
            "Plain lines when not on a terminal; with --json a report a line. Ctrl-C leaves the run alone, and a"
                    + " daemon that is started anew meanwhile is found again."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  interchange watch 3", "  interchange watch 3 > progress.log"})
public final class WatchCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Override
    public int run(Session session) throws CommandException, IOException, InterruptedException {
        try (var client = session.daemon().findOrStart()) {
            int run = client.call(Request.newBuilder()
                            .setReport(ReportRequest.newBuilder().setRun(session.run(parameter.run))))
                    .getReport()
                    .getSummary()
                    .getId();
            return new Watcher(session, client, run).follow();
        }
    }
}
