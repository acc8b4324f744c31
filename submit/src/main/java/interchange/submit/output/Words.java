package interchange.submit.output;

import interchange.proto.control.JobState;
import interchange.proto.control.RunState;
import interchange.proto.control.StateCount;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** How times, durations and states are written for people. */
public final class Words {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    private Words() {}

    /** Local time; a dash for what has not happened. */
    public static String time(long epochMillis) {
        return epochMillis <= 0 ? "-" : TIME.format(Instant.ofEpochMilli(epochMillis));
    }

    /** Like 3d04h, 2h05m, 12m30s or 9s; a dash when negative (unknown, or without end). */
    public static String duration(long seconds) {
        if (seconds < 0) {
            return "-";
        }
        if (seconds >= 86_400) {
            return String.format(Locale.ROOT, "%dd%02dh", seconds / 86_400, seconds % 86_400 / 3600);
        }
        if (seconds >= 3600) {
            return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds % 3600 / 60);
        }
        return seconds >= 60 ? String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60) : seconds + "s";
    }

    /** RUNNING for RUN_RUNNING: the prefix only keeps the names apart in the schema. */
    public static String state(RunState state) {
        return state.name().startsWith("RUN_") && state != RunState.RUN_STATE_UNSPECIFIED
                ? state.name().substring("RUN_".length())
                : "UNKNOWN";
    }

    public static long count(List<StateCount> counts, JobState state) {
        return counts.stream()
                .filter(count -> count.getState() == state)
                .mapToLong(StateCount::getCount)
                .sum();
    }

    public static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
