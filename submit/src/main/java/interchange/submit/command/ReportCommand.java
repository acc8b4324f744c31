package interchange.submit.command;

import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.UsageRequest;
import interchange.proto.control.UsageResponse;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import interchange.submit.output.ReportText;
import interchange.submit.output.UsageText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code report RUN}: labels by states, exit codes, and what the user should know; or what the jobs took. */
@Command(
        name = "report",
        description = "Report on a run: its jobs by label and state, the exit codes of failures, what to know.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange report 3",
            "  interchange report submit/u/me/demo/20261122T120000Z",
            "  interchange report 3 --json | jq .labels",
            "  interchange report 3 --usage                              what jobs took, and what they had asked for",
            "  interchange report 3 --usage --format yaml > sizes.yaml   as settings for the next run",
        })
public final class ReportCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Option(
            names = "--usage",
            description =
                    "By label: time, CPU time and memory that jobs took, what they asked for, retries, lost time.")
    boolean usage;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description =
                    "Of --usage: table (default), or yaml: settings of BPS that would have been enough, which are the"
                            + " most that was seen and a margin (memory: a fifth, rounded up to 256 MiB; walltime, where one was"
                            + " asked for: a half, rounded up to 10 min).")
    Format format = Format.table;

    /** In the words of the command line. */
    enum Format {
        table,
        yaml
    }

    @Override
    public int run(Session session) throws CommandException {
        if (format == Format.yaml && (!usage || session.console().json())) {
            throw new CommandException(Kind.USER, "--format yaml is for --usage, and excludes --json");
        }
        try (var client = session.daemon().findOrStart()) {
            if (usage) {
                showUsage(client, session);
                return 0;
            }
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

    private void showUsage(ControlClient client, Session session) throws CommandException {
        UsageResponse answer = client.call(
                        Request.newBuilder().setUsage(UsageRequest.newBuilder().setRun(session.run(parameter.run))))
                .getUsage();
        if (session.console().json()) {
            session.console().json(answer);
        } else if (format == Format.yaml) {
            UsageText.printYaml(answer, session.console());
        } else {
            UsageText.print(answer, session.console());
        }
    }
}
