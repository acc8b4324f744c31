package interchange.daemon;

import interchange.core.JobEnd;
import interchange.core.RunState;
import interchange.proto.control.JobState;
import interchange.proto.control.StateCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Translates states between the scheduler's, the journal's and the protocol's words. */
final class JobStates {
    private static final interchange.core.JobState[] LIVE = interchange.core.JobState.values();

    private JobStates() {}

    static JobState live(int ordinal) {
        return switch (LIVE[ordinal]) {
            case UNREADY -> JobState.UNREADY;
            case READY -> JobState.READY;
            case PENDING -> JobState.PENDING;
            case RUNNING -> JobState.RUNNING;
            case SUCCEEDED -> JobState.SUCCEEDED;
            case FAILED -> JobState.FAILED;
            case DELETED -> JobState.DELETED;
            case PRUNED -> JobState.PRUNED;
        };
    }

    /** Of a run that the scheduler does not have: what is open can't go on until its user does something. */
    static JobState stored(int code, RunState run) {
        return switch (JobEnd.of(code)) {
            case OPEN -> run == RunState.HELD ? JobState.HELD : JobState.UNREADY;
            case SUCCEEDED -> JobState.SUCCEEDED;
            case FAILED -> JobState.FAILED;
            case PRUNED -> JobState.PRUNED;
            case DELETED -> JobState.DELETED;
            case BRINGING -> run == RunState.HELD ? JobState.HELD : JobState.RUNNING;
        };
    }

    /** Counts by state, none of them zero, in the order of the protocol. */
    static List<StateCount> toCounts(Map<JobState, Long> byState) {
        List<StateCount> counts = new ArrayList<>();
        new TreeMap<>(byState).forEach((state, count) -> {
            if (count > 0) {
                counts.add(
                        StateCount.newBuilder().setState(state).setCount(count).build());
            }
        });
        return counts;
    }
}
