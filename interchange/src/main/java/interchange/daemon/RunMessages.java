package interchange.daemon;

import interchange.core.AttemptEnd;
import interchange.core.Outcome;
import interchange.core.Snapshots.LimitsSnapshot;
import interchange.core.Snapshots.ReachedLimit;
import interchange.daemon.RunView.LabelCounts;
import interchange.journal.JournalReader.Abort;
import interchange.journal.JournalReader.FailedJobs;
import interchange.journal.JournalReader.OutOfMemory;
import interchange.journal.JournalReader.Reason;
import interchange.journal.JournalReader.RunRow;
import interchange.site.SiteConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects what the user of a run should know; the most important first, since there is an end to it. */
final class RunMessages {
    private static final int MESSAGES_MAX = 50;
    private static final int LENGTH_MAX = 1_000;

    private final List<String> messages = new ArrayList<>();

    List<String> all() {
        List<String> some = new ArrayList<>();
        for (String message : messages.subList(0, Math.min(messages.size(), MESSAGES_MAX))) {
            some.add(message.length() > LENGTH_MAX ? message.substring(0, LENGTH_MAX) + " ..." : message);
        }
        if (messages.size() > MESSAGES_MAX) {
            some.add("and " + (messages.size() - MESSAGES_MAX) + " messages more");
        }
        return some;
    }

    void add(List<String> more) {
        messages.addAll(more);
    }

    void ofRun(RunRow row) {
        if (!row.held().isEmpty()) {
            messages.add("held: " + row.held());
        }
        row.abort().map(RunMessages::ofAbort).ifPresent(messages::add);
        messages.addAll(row.header().notes());
    }

    private static String ofAbort(Abort abort) {
        return "job '" + abort.job() + "' ended with exit code " + abort.exitCode()
                + ", which ends the whole run, as " + (abort.returnValue() == 0 ? "a success" : "a failure")
                + ": what had not ended by then is DELETED";
    }

    void ofLimits(LimitsSnapshot limits) {
        for (ReachedLimit limit : limits.reached()) {
            messages.add(jobs(limit.waiting()) + (limit.waiting() == 1 ? " waits" : " wait") + " for " + limit.name()
                    + ": jobs at workers count " + limit.used() + " of " + limit.most());
        }
        for (String name : limits.withoutNumber()) {
            messages.add("concurrency limit '" + name
                    + "' limits nothing: give it a number in concurrencyLimits of the daemon's config.yaml, and start"
                    + " the daemon anew (`interchange stop --keep-blocks`, `interchange start`)");
        }
    }

    void ofMemory(List<OutOfMemory> labels, int run) {
        for (OutOfMemory label : labels) {
            String asked = label.memoryMiB() > 0 ? label.memoryMiB() + " MiB" : "no memory";
            String then = label.grows()
                    ? "which ask for more than their " + asked + " when they are tried again"
                            + (label.raisedMiB() > 0 ? ", " + label.raisedMiB() + " MiB by now" : "")
                    : "which ask for " + asked
                            + " and for no more when they are tried again (no memoryMultiplier): give them a larger"
                            + " requestMemory";
            messages.add("label '" + label.label() + "': " + jobs(label.jobs()) + " ran out of memory ("
                    + label.attempts() + (label.attempts() == 1 ? " attempt), " : " attempts), ") + then
                    + (label.failed() > 0 ? "; " + label.failed() + " of them failed" : "")
                    + "; `interchange report " + run + " --usage` shows what was used");
        }
    }

    void ofFailures(List<LabelCounts> labels, Map<String, FailedJobs> failed) {
        for (LabelCounts label : labels) {
            FailedJobs jobs = failed.get(label.label());
            for (Reason reason : jobs == null ? List.<Reason>of() : jobs.reasons()) {
                boolean toldElsewhere = reason.end() == AttemptEnd.OUT_OF_MEMORY && !onlyWeKnow(reason);
                if (!toldElsewhere && !reason.message().isEmpty() && reason.end() != AttemptEnd.SUCCEEDED) {
                    messages.add("label '" + label.label() + "': " + jobs(reason.jobs()) + " failed"
                            + (reason.jobs() == 1 ? "" : " likewise") + ", '" + reason.job() + "': "
                            + reason.message());
                }
            }
        }
    }

    /**
     * Nobody finds it by looking around.
     *
     * @param ways of the sites, or their pools, on which jobs have failed
     */
    void ofPacks(int run, List<SiteConfig.Logs> ways) {
        if (ways.contains(SiteConfig.Logs.PACK)) {
            boolean all = ways.stream().allMatch(SiteConfig.Logs.PACK::equals);
            messages.add("what " + (all ? "" : "some ") + "failed jobs printed is in packs: `interchange logs " + run
                    + " JOB --stderr` shows it");
        }
    }

    /** That memory can't be raised any more. */
    private static boolean onlyWeKnow(Reason reason) {
        return reason.message().startsWith(Outcome.NO_MORE_MEMORY);
    }

    private static String jobs(long count) {
        return count == 1 ? "1 job" : count + " jobs";
    }
}
