package interchange.daemon;

import interchange.core.Now;
import interchange.core.Scheduler;
import interchange.journal.JournalReader;
import interchange.journal.JournalReader.FailedJobs;
import interchange.journal.RunHeader;
import interchange.proto.control.JobState;
import interchange.proto.control.LabelReport;
import interchange.proto.control.ListRequest;
import interchange.proto.control.ListResponse;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.RunSummary;
import interchange.site.SiteConfig;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Answers about runs as a whole. Query thread. */
final class RunQueries {
    private static final double MILLIS_PER_DAY = 86_400_000;
    private static final double UNKNOWN_SECONDS = -1;
    private static final int LOOKS_MAX = 5;

    private final RunLookup runs;
    private final Live live;
    private final JournalReader reader;
    private final Supplier<Now> clock;

    RunQueries(RunLookup runs, Live live, JournalReader reader, Supplier<Now> clock) {
        this.runs = runs;
        this.live = live;
        this.reader = reader;
        this.clock = clock;
    }

    ListResponse list(ListRequest request) throws RequestException {
        long now = clock.get().epochMillis();
        long endedAfter = request.getHistoryDays() < 0 ? 0 : now - (long) (request.getHistoryDays() * MILLIS_PER_DAY);
        ListResponse.Builder list = ListResponse.newBuilder();
        for (RunView view : runs.views(endedAfter)) {
            String operator = view.row().header().attributes().getOrDefault("operator", "");
            if (request.getOperator().isEmpty() || request.getOperator().equals(operator)) {
                list.addRuns(summary(view));
            }
        }
        return list.build();
    }

    ReportResponse report(String name) throws RequestException {
        RunView view = runs.view(name);
        int run = view.row().header().run();
        Map<String, FailedJobs> failed = reader.failedJobs(run);
        for (int look = 1; look < LOOKS_MAX && !fit(view, failed); look++) {
            view = runs.view(name);
            failed = reader.failedJobs(run);
        }
        ReportResponse.Builder report = ReportResponse.newBuilder().setSummary(summary(view));
        for (RunView.LabelCounts label : view.inOrder(reader.finalJobs(run))) {
            LabelReport.Builder row = LabelReport.newBuilder()
                    .setLabel(label.label())
                    .setExpected(label.jobs())
                    .addAllCounts(JobStates.toCounts(label.counts()));
            List<Integer> exitCodes = exitCodes(label.label(), failed);
            row.addAllExitCodes(exitCodes.subList(0, (int) Math.min(exitCodes.size(), label.count(JobState.FAILED))));
            report.addLabels(row);
        }
        double rate = view.live().map(snapshot -> snapshot.rate()).orElse(0.0);
        return report.addAllMessages(messages(view, failed))
                .setRatePerSecond(rate)
                .setRemainingSeconds(rate > 0 ? view.open() / rate : UNKNOWN_SECONDS)
                .build();
    }

    /** Whether both are of one moment: a job may fail between the two looks, and each must have its code. */
    private static boolean fit(RunView view, Map<String, FailedJobs> failed) {
        return view.labels().stream()
                .allMatch(label -> label.count(JobState.FAILED)
                        == exitCodes(label.label(), failed).size());
    }

    private static List<Integer> exitCodes(String label, Map<String, FailedJobs> failed) {
        FailedJobs jobs = failed.get(label);
        return jobs == null ? List.of() : jobs.exitCodes();
    }

    private List<String> messages(RunView view, Map<String, FailedJobs> failed) throws RequestException {
        int run = view.row().header().run();
        RunMessages messages = new RunMessages();
        messages.ofRun(view.row());
        if (view.live().isPresent()) {
            SiteMessages sites =
                    new SiteMessages(live.ask(Scheduler::cluster), clock.get().epochMillis());
            messages.add(sites.about(view.live().get().sites()));
            messages.ofLimits(live.ask((scheduler, now) -> scheduler.limits(run)));
        }
        messages.ofMemory(reader.outOfMemory(run), run);
        messages.ofFailures(view.labels(), failed);
        if (!failed.isEmpty()) {
            messages.ofPacks(
                    run,
                    reader.settingsWhereFailed(run).stream()
                            .map(SiteConfig::logs)
                            .toList());
        }
        return messages.all();
    }

    private static RunSummary summary(RunView view) {
        RunHeader header = view.row().header();
        return RunSummary.newBuilder()
                .setId(header.run())
                .setGlobalId(header.globalId())
                .setName(header.name())
                .setState(view.state())
                .setSubmitDirectory(header.submitDirectory())
                .putAllAttributes(header.attributes())
                .setJobs(view.jobs())
                .addAllCounts(JobStates.toCounts(view.total()))
                .setSubmittedEpochMillis(header.submittedEpochMillis())
                .setEndedEpochMillis(view.live().isPresent() ? 0 : view.row().endedEpochMillis())
                .setSite(header.site())
                .setCancelling(view.cancelling())
                .build();
    }
}
