package interchange.worker;

import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;

/** What is to happen to running attempts and when; every one that runs, whose end is held back, or whose files are coming back, has at most one timer here. */
final class Timers {
    enum Kind {
        WALLTIME_OVER,
        /** The time that its last call left it. */
        CALL_OVER,
        GRACE_OVER,
        END_HELD_BACK,
        RETURN_OVER
    }

    /** @param number tells apart those of the same moment */
    record Timer(long atNanos, long number, Kind kind, Attempt attempt) {}

    private static final Comparator<Timer> BY_TIME =
            Comparator.comparingLong(Timer::atNanos).thenComparingLong(Timer::number);

    private final TreeSet<Timer> timers = new TreeSet<>(BY_TIME);
    private long numbers;

    void set(Attempt attempt, Kind kind, long atNanos) {
        clear(attempt);
        var timer = new Timer(atNanos, numbers++, kind, attempt);
        timers.add(timer);
        attempt.timer(Optional.of(timer));
    }

    void clear(Attempt attempt) {
        attempt.timer().ifPresent(timers::remove);
        attempt.timer(Optional.empty());
    }

    /** The next one that is due, taken out. */
    Optional<Timer> due(long now) {
        if (timers.isEmpty() || timers.first().atNanos() > now) {
            return Optional.empty();
        }
        Timer timer = timers.removeFirst();
        timer.attempt().timer(Optional.empty());
        return Optional.of(timer);
    }

    /** Long.MAX_VALUE: never. */
    long nextNanos() {
        return timers.isEmpty() ? Long.MAX_VALUE : timers.first().atNanos();
    }
}
