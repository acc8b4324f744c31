package interchange.worker;

import interchange.worker.process.Clock;
import interchange.worker.process.Ended;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Ends of jobs that failed, until it is clear whose doing that was. The loop's. */
final class HeldBack {
    /**
     * For so long the end of a job that failed is not told on a batch system. Some signal all that a block has, our jobs
     * before us: when we are told to leave meanwhile, that is why it failed, by the signal or in its own words for it.
     */
    private static final long END_HELD_BACK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** The same for one that was ended, and not by us: on a busy node our own turn comes seconds later. */
    private static final long SIGNALLED_HELD_BACK_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** By which batch systems end what they have: HUP, INT, KILL, USR1, USR2, TERM and XCPU. */
    private static final Set<Integer> ENDING = Set.of(1, 2, 9, 10, 12, 15, 24);

    /** What a shell adds to the signal of which its child died. */
    private static final int BY_SIGNAL = 128;

    private final Timers timers;
    private final Clock clock;
    private final Map<Attempt, Failure> failures = new LinkedHashMap<>();

    /** @param outOfMemory in words, that the kernel ended it; empty: it did not */
    record Failure(Ended end, Optional<String> outOfMemory) {}

    HeldBack(Timers timers, Clock clock) {
        this.timers = timers;
        this.clock = clock;
    }

    void add(Attempt attempt, Failure failure) {
        failures.put(attempt, failure);
        timers.set(attempt, Timers.Kind.END_HELD_BACK, clock.bootNanos() + nanos(failure.end()));
    }

    private static long nanos(Ended end) {
        boolean signalled = ENDING.contains(end.signal() != 0 ? end.signal() : end.exitCode() - BY_SIGNAL);
        return signalled ? SIGNALLED_HELD_BACK_NANOS : END_HELD_BACK_NANOS;
    }

    /** Empty: it is told already, or still runs. */
    Optional<Failure> release(Attempt attempt) {
        Optional<Failure> failure = Optional.ofNullable(failures.remove(attempt));
        failure.ifPresent(_ -> timers.clear(attempt));
        return failure;
    }

    boolean has(Attempt attempt) {
        return failures.containsKey(attempt);
    }

    List<Attempt> all() {
        return List.copyOf(failures.keySet());
    }

    int count() {
        return failures.size();
    }
}
