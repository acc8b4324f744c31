package interchange.worker;

import interchange.worker.process.Clock;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** When the block ends, as far as that was said at this worker's start. */
final class BlockEnd {
    /** As long as they run; seconds since 1970. */
    static final String ENDS = "INTERCHANGE_BLOCK_ENDS";
    /** At their start. */
    static final String REMAINING = "INTERCHANGE_REMAINING_SECONDS";

    private static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final long endsNanos;
    private final long endsEpochSeconds;

    /** @param remainingSeconds negative: never */
    BlockEnd(long remainingSeconds, Clock clock) {
        this.clock = clock;
        endsNanos = remainingSeconds < 0 ? NEVER : clock.bootNanos() + TimeUnit.SECONDS.toNanos(remainingSeconds);
        endsEpochSeconds = TimeUnit.MILLISECONDS.toSeconds(clock.epochMillis()) + remainingSeconds;
    }

    /** By the clock of the worker; Long.MAX_VALUE: never. */
    long nanos() {
        return endsNanos;
    }

    boolean isKnown() {
        return endsNanos != NEVER;
    }

    /** Both differ from attempt to attempt, or from worker to worker. */
    void addTo(Map<String, String> variables) {
        if (isKnown()) {
            long left = TimeUnit.NANOSECONDS.toSeconds(endsNanos - clock.bootNanos());
            variables.put(ENDS, Long.toString(endsEpochSeconds));
            variables.put(REMAINING, Long.toString(Math.max(0, left)));
        }
    }
}
