package interchange.wire;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How patiently a connection is tried again: timeouts and pauses double with each try up to the most, and pauses are never
 * the same for two who try, since after an outage all come at once.
 */
public final class Redialling {
    private final Duration leastTimeout;
    private final Duration mostTimeout;
    private final Duration leastPause;
    private final Duration mostPause;
    private final RandomGenerator random;
    private Duration timeout;
    private Duration pause;

    public Redialling(
            Duration leastTimeout,
            Duration mostTimeout,
            Duration leastPause,
            Duration mostPause,
            RandomGenerator random) {
        this.leastTimeout = leastTimeout;
        this.mostTimeout = mostTimeout;
        this.leastPause = leastPause;
        this.mostPause = mostPause;
        this.random = random;
        timeout = leastTimeout;
        pause = leastPause;
    }

    /** For the next try. */
    public Duration timeout() {
        Duration present = timeout;
        timeout = doubled(timeout, mostTimeout);
        return present;
    }

    /** What is waited before the next try: at least so long, and at least half of what it has grown to. */
    public long pauseNanos(long atLeastNanos) {
        long longest = Math.max(pause.toNanos(), 2 * atLeastNanos);
        pause = doubled(pause, mostPause);
        return longest / 2 + random.nextLong(longest / 2 + 1);
    }

    /** From the beginning. */
    public void reset() {
        timeout = leastTimeout;
        pause = leastPause;
    }

    private static Duration doubled(Duration some, Duration most) {
        Duration twice = some.multipliedBy(2);
        return twice.compareTo(most) < 0 ? twice : most;
    }
}
