package interchange.daemon;

import interchange.core.JobTraits;
import interchange.core.RunState;
import interchange.core.Snapshots.RunSnapshot;
import interchange.journal.JournalReader;
import interchange.journal.JournalReader.RunRow;
import interchange.proto.control.JobState;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * One run at one moment: its row, and how many of its jobs are in which state, by label.
 *
 * <p>The counts are all from the scheduler or all from the journal, with the labels of either, and never mixed, so they
 * always add up: while a run grows, the journal has labels that the scheduler doesn't know yet. No-ops are in none of
 * them, and labels without jobs are not here.
 *
 * @param live present when the run goes on
 * @param labels in the order of reports, but for those of final jobs
 */
record RunView(RunRow row, Optional<RunSnapshot> live, List<LabelCounts> labels) {
    RunView {
        labels = List.copyOf(labels);
    }

    /** None of the counts is zero. */
    record LabelCounts(String label, Map<JobState, Long> counts) {
        LabelCounts {
            counts = Map.copyOf(counts);
        }

        long count(JobState state) {
            return counts.getOrDefault(state, 0L);
        }

        long jobs() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    static RunView of(RunRow row, Optional<RunSnapshot> live, JournalReader reader) {
        List<LabelCounts> labels = live.isPresent()
                ? labels(live.get().labels(), live.get().counts(), JobStates::live)
                : labels(
                        row.header().labels(),
                        reader.endCounts(row.header().run()),
                        code -> JobStates.stored(code, row.state()));
        return new RunView(row, live, labels);
    }

    private static List<LabelCounts> labels(List<String> names, int[][] byLabel, IntFunction<JobState> stateOf) {
        List<LabelCounts> labels = new ArrayList<>();
        for (int label = 0; label < Math.min(names.size(), byLabel.length); label++) {
            Map<JobState, Long> byState = new EnumMap<>(JobState.class);
            for (int code = 0; code < byLabel[label].length; code++) {
                if (byLabel[label][code] > 0) {
                    byState.merge(stateOf.apply(code), (long) byLabel[label][code], Long::sum);
                }
            }
            if (!byState.isEmpty() && !names.get(label).equals(JobTraits.NOOP_LABEL)) {
                labels.add(new LabelCounts(names.get(label), byState));
            }
        }
        return labels;
    }

    /**
     * The labels as the pipeline has them: those that only final jobs have come last, also behind those of workflows that
     * jobs have brought.
     *
     * @param finalJobs how many jobs of a label are final
     */
    List<LabelCounts> inOrder(Map<String, Integer> finalJobs) {
        Map<Boolean, List<LabelCounts>> last = labels.stream()
                .collect(Collectors.partitioningBy(label -> finalJobs.getOrDefault(label.label(), 0) >= label.jobs()));
        List<LabelCounts> ordered = new ArrayList<>(last.getOrDefault(false, List.of()));
        ordered.addAll(last.getOrDefault(true, List.of()));
        return ordered;
    }

    /** No-ops aside. */
    long jobs() {
        return labels.stream().mapToLong(LabelCounts::jobs).sum();
    }

    Map<JobState, Long> total() {
        Map<JobState, Long> total = new EnumMap<>(JobState.class);
        labels.forEach(label -> label.counts().forEach((state, count) -> total.merge(state, count, Long::sum)));
        return total;
    }

    /** Jobs that have not ended. */
    long open() {
        Map<JobState, Long> total = total();
        return total.getOrDefault(JobState.UNREADY, 0L)
                + total.getOrDefault(JobState.READY, 0L)
                + total.getOrDefault(JobState.PENDING, 0L)
                + total.getOrDefault(JobState.RUNNING, 0L);
    }

    boolean cancelling() {
        return live.map(RunSnapshot::cancelling).orElse(false);
    }

    interchange.proto.control.RunState state() {
        RunState state = live.map(RunSnapshot::state).orElse(row.state());
        return switch (state) {
            case RUNNING ->
                begun() ? interchange.proto.control.RunState.RUN_RUNNING : interchange.proto.control.RunState.RUN_READY;
            case SUCCEEDED -> interchange.proto.control.RunState.RUN_SUCCEEDED;
            case FAILED -> interchange.proto.control.RunState.RUN_FAILED;
            case DELETED -> interchange.proto.control.RunState.RUN_DELETED;
            case HELD -> interchange.proto.control.RunState.RUN_HELD;
        };
    }

    private boolean begun() {
        Map<JobState, Long> total = total();
        long notBegun = total.getOrDefault(JobState.UNREADY, 0L) + total.getOrDefault(JobState.READY, 0L);
        return notBegun < jobs();
    }
}
