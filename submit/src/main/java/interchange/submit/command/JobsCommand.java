package interchange.submit.command;

import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.proto.control.JobsRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import interchange.submit.output.JsonText;
import interchange.submit.output.Table;
import interchange.submit.output.Words;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jobs RUN}: its jobs, read and shown page by page, since there may be a million. */
@Command(
        name = "jobs",
        description = "List the jobs of a run.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange jobs 3 --state FAILED",
            "  interchange jobs 3 --label isr --label calibrate --limit 20",
            "  interchange jobs 3 --json | jq -r '.jobs[] | [.name, .peakMemoryMib] | @tsv'"
        })
public final class JobsCommand implements Action {
    private static final int PAGE_ROWS = 2000;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Option(
            names = "--state",
            paramLabel = "STATE",
            split = ",",
            description = "In this state alone; may be repeated. One of UNREADY, READY, PENDING, RUNNING, HELD,"
                    + " SUCCEEDED, FAILED, DELETED, PRUNED.")
    List<JobState> states = new ArrayList<>();

    @Option(names = "--label", paramLabel = "LABEL", description = "Of this label alone; may be repeated.")
    List<String> labels = new ArrayList<>();

    @Option(names = "--limit", paramLabel = "N", defaultValue = "0", description = "At most so many.")
    int limit;

    @Override
    public int run(Session session) throws CommandException, IOException {
        try (var client = session.daemon().findOrStart()) {
            if (session.console().json()) {
                return printJson(client, session);
            }
            printTable(client, session);
            return 0;
        }
    }

    private void printTable(ControlClient client, Session session) throws CommandException, IOException {
        Table table = new Table(
                "JOB", "LABEL", "STATE", "TRIES", "EXIT", "START", "STARTED", "TOOK", "CPU", "MIB", "HOST", "CAUSE");
        pages(client, session, page -> {
            page.forEach(job -> row(table, job));
            table.print(session.console());
        });
    }

    private static void row(Table table, JobRow job) {
        long start = job.getStartedEpochMillis();
        long end = job.getEndedEpochMillis();
        table.row(
                job.getName(),
                job.getLabel(),
                job.getState().name(),
                job.getAttempts(),
                exit(job),
                start > 0 && end > 0 ? (job.getWarm() ? "warm" : "cold") : "-",
                Words.time(start),
                start > 0 && end >= start ? Words.duration((end - start) / 1000) : "-",
                end > 0 ? Words.duration(job.getCpuMillis() / 1000) : "-",
                memory(job),
                Words.orDash(job.getHost()),
                Words.orDash(job.getCause()));
    }

    /** With what it asked for, where that was less. */
    private static String memory(JobRow job) {
        if (job.getPeakMemoryMib() == 0) {
            return "-";
        }
        boolean over = job.getMemoryMib() > 0 && job.getPeakMemoryMib() > job.getMemoryMib();
        return job.getPeakMemoryMib() + (over ? " of " + job.getMemoryMib() : "");
    }

    static String exit(JobRow job) {
        if (job.getSignal() > 0) {
            return "signal " + job.getSignal();
        }
        return job.hasExitCode() ? String.valueOf(job.getExitCode()) : "-";
    }

    /** One document, however long, without holding it; where it breaks off, it says why. */
    private int printJson(ControlClient client, Session session) throws CommandException, IOException {
        var out = new OutputStreamWriter(session.console().out(), StandardCharsets.UTF_8);
        var json = JsonText.writer(out);
        json.beginObject().name("jobs").beginArray();
        int exitCode = 0;
        try {
            pages(client, session, page -> {
                for (JobRow job : page) {
                    JsonText.write(json, job, JsonText.Defaults.SHOWN);
                }
            });
            json.endArray();
        } catch (CommandException e) {
            e.messages().forEach(session.console()::note);
            JsonText.writeError(json.endArray(), e.kind().name(), e.messages());
            exitCode = e.kind().exitCode();
        }
        json.endObject().flush();
        session.console().line("");
        return exitCode;
    }

    private interface Page {
        void show(List<JobRow> jobs) throws IOException;
    }

    private void pages(ControlClient client, Session session, Page page) throws CommandException, IOException {
        int after = -1;
        long left = limit > 0 ? limit : Long.MAX_VALUE;
        boolean more = true;
        for (boolean first = true; first || more; first = false) {
            int rows = (int) Math.min(PAGE_ROWS, left);
            List<JobRow> jobs = client.call(Request.newBuilder()
                            .setJobs(JobsRequest.newBuilder()
                                    .setRun(session.run(parameter.run))
                                    .addAllStates(states)
                                    .addAllLabels(labels)
                                    .setAfter(after)
                                    .setLimit(rows)))
                    .getJobs()
                    .getJobsList();
            page.show(jobs);
            left -= jobs.size();
            more = jobs.size() == rows && left > 0;
            after = jobs.isEmpty() ? after : jobs.getLast().getIndex();
        }
    }
}
