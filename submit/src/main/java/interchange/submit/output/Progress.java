package interchange.submit.output;

import interchange.proto.control.JobState;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.RunSummary;
import interchange.proto.control.StateCount;
import java.util.List;
import java.util.Locale;

/**
 * The numbers of a run, or of a label, as a watcher wants them.
 *
 * @param done succeeded
 * @param waiting everything that may still start
 * @param failed failed, pruned or deleted
 */
record Progress(long done, long running, long waiting, long failed, long total) {
    static Progress of(List<StateCount> counts, long total) {
        return new Progress(
                Words.count(counts, JobState.SUCCEEDED),
                Words.count(counts, JobState.RUNNING),
                Words.count(counts, JobState.UNREADY)
                        + Words.count(counts, JobState.READY)
                        + Words.count(counts, JobState.PENDING)
                        + Words.count(counts, JobState.HELD),
                Words.count(counts, JobState.FAILED)
                        + Words.count(counts, JobState.PRUNED)
                        + Words.count(counts, JobState.DELETED),
                total);
    }

    /** One line about the whole run. */
    static String line(ReportResponse report) {
        RunSummary run = report.getSummary();
        Progress now = of(run.getCountsList(), run.getJobs());
        StringBuilder line = new StringBuilder();
        line.append("run ")
                .append(run.getId())
                .append(' ')
                .append(run.getName())
                .append(": ");
        line.append(Words.state(run.getState())).append(run.getCancelling() ? " (cancelling)" : "");
        line.append(", ").append(now.done).append(" of ").append(now.total).append(" done");
        line.append(", ")
                .append(now.running)
                .append(" running, ")
                .append(now.waiting)
                .append(" waiting");
        line.append(", ").append(now.failed).append(" failed");
        if (run.getEndedEpochMillis() == 0) {
            line.append(String.format(Locale.ROOT, ", %.1f/s", report.getRatePerSecond()));
            if (report.getRemainingSeconds() >= 0) {
                long seconds = (long) Math.ceil(report.getRemainingSeconds());
                line.append(", about ").append(Words.duration(seconds)).append(" left, until ");
                line.append(
                        Words.time(System.currentTimeMillis() + 1000 * seconds).substring("yyyy-mm-dd ".length()));
            }
        } else {
            long millis = run.getEndedEpochMillis() - run.getSubmittedEpochMillis();
            line.append(", after ").append(Words.duration(millis / 1000));
        }
        return line.toString();
    }
}
