package interchange.daemon;

import interchange.journal.Histogram;
import interchange.journal.JournalReader;
import interchange.journal.JournalReader.OutOfMemory;
import interchange.proto.control.LabelUsage;
import interchange.proto.control.Spread;
import interchange.proto.control.UsageResponse;
import java.util.HashMap;
import java.util.Map;

/** Answers what jobs took of what they had asked for. Query thread. */
final class UsageQueries {
    private static final int MEDIAN = 50;
    private static final int MOST = 95;

    private final RunLookup runs;
    private final JournalReader reader;

    UsageQueries(RunLookup runs, JournalReader reader) {
        this.runs = runs;
        this.reader = reader;
    }

    UsageResponse usage(String name) throws RequestException {
        RunView view = runs.view(name);
        int run = view.row().header().run();
        Map<String, Integer> raised = new HashMap<>();
        for (OutOfMemory label : reader.outOfMemory(run)) {
            raised.put(label.label(), label.raisedMiB());
        }
        Map<String, interchange.journal.LabelUsage> byLabel = new HashMap<>();
        reader.usage(run).forEach(label -> byLabel.put(label.label(), label));
        Map<String, Integer> finals = reader.finalJobs(run);
        UsageResponse.Builder response = UsageResponse.newBuilder()
                .setRun(run)
                .setName(view.row().header().name());
        for (RunView.LabelCounts label : view.inOrder(finals)) {
            interchange.journal.LabelUsage usage = byLabel.get(label.label());
            if (usage != null) {
                response.addLabels(row(usage)
                        .setFinal(finals.getOrDefault(label.label(), 0) >= label.jobs())
                        .setRaisedMemoryMib(raised.getOrDefault(label.label(), 0)));
            }
        }
        return response.build();
    }

    private static LabelUsage.Builder row(interchange.journal.LabelUsage usage) {
        return LabelUsage.newBuilder()
                .setLabel(usage.label())
                .setJobs(usage.jobs())
                .setAttempts(usage.attempts())
                .setRetries(usage.attempts() - usage.jobs())
                .setWarm(usage.warm())
                .setLostMillis(usage.lostMillis())
                .setOutOfMemory(usage.outOfMemory())
                .setWalltimeOver(usage.walltimeOver())
                .setOverMemory(usage.overMemory())
                .setCpus(usage.cpus())
                .setMemoryMib(usage.memoryMiB())
                .setMemoryMibLeast(usage.leastMemoryMiB())
                .setWalltimeSeconds(usage.walltimeSeconds())
                .setWallMillis(spread(usage.wallMillis()))
                .setCpuMillis(spread(usage.cpuMillis()))
                .setPeakMemoryMib(spread(usage.peakMemoryMiB()));
    }

    private static Spread spread(Histogram histogram) {
        return Spread.newBuilder()
                .setCount(histogram.count())
                .setMedian(histogram.percentile(MEDIAN))
                .setPercentile95(histogram.percentile(MOST))
                .setMaximum(histogram.maximum())
                .setTotal(histogram.total())
                .build();
    }
}
