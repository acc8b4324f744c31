package interchange.daemon;

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

/**
 * One run at one moment: its row, and how many of its jobs are in which state, by label.
 *
 * <p>The counts are all from the scheduler or all from the journal, never mixed, so they always add up.
 *
 * @param live present when the run goes on
 * @param counts by label, in the order of {@code RunHeader.labels}
 */
record RunView(RunRow row, Optional<RunSnapshot> live, List<Map<JobState, Long>> counts) {
    RunView {
        counts = List.copyOf(counts);
    }

    static RunView of(RunRow row, Optional<RunSnapshot> live, JournalReader reader) {
        if (live.isPresent()) {
            return new RunView(row, live, counts(live.get().counts(), row, true));
        }
        return new RunView(row, live, counts(reader.endCounts(row.header().run()), row, false));
    }

    private static List<Map<JobState, Long>> counts(int[][] byLabel, RunRow row, boolean live) {
        List<Map<JobState, Long>> counts = new ArrayList<>();
        for (int[] ofLabel : byLabel) {
            Map<JobState, Long> byState = new EnumMap<>(JobState.class);
            for (int code = 0; code < ofLabel.length; code++) {
                if (ofLabel[code] > 0) {
                    JobState state = live ? JobStates.live(code) : JobStates.stored(code, row.state());
                    byState.merge(state, (long) ofLabel[code], Long::sum);
                }
            }
            counts.add(byState);
        }
        return counts;
    }

    Map<JobState, Long> total() {
        Map<JobState, Long> total = new EnumMap<>(JobState.class);
        counts.forEach(ofLabel -> ofLabel.forEach((state, count) -> total.merge(state, count, Long::sum)));
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
        return notBegun < row.header().jobs();
    }
}
