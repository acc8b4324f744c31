package interchange.worker;

import interchange.worker.process.Clock;
import interchange.worker.process.Ended;
import interchange.worker.process.MemoryKills;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Tells of jobs that failed which of them the kernel has killed for want of memory. It says how many processes it killed,
 * and not which: each is put down to one job that ran then and ended by SIGKILL. The loop's.
 */
final class OutOfMemory {
    private static final int KILL = 9;
    /** As a shell says it of its child. */
    private static final int KILLED_CHILD = 128 + KILL;

    /** The kernel is asked at starts and ends, and at starts not more often: there may be thousands a second. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int SEEN_MAX = 64;

    private final MemoryKills kills;
    private final Clock clock;
    /** After which look each was started. */
    private final Map<Attempt, Integer> running = new HashMap<>();

    private final Deque<Seen> unexplained = new ArrayDeque<>();
    private long counted;
    private int looks;
    private long lookedNanos;

    /** So many kills, of which no job is known, that were seen at one look. */
    private record Seen(int look, long kills) {}

    OutOfMemory(MemoryKills kills, Clock clock) {
        this.kills = kills;
        this.clock = clock;
        look(clock.bootNanos());
        unexplained.clear();
    }

    void starts(Attempt attempt) {
        long now = clock.bootNanos();
        if (now - lookedNanos >= LOOK_NANOS) {
            look(now);
        }
        running.put(attempt, looks);
    }

    private void look(long now) {
        looks++;
        long count = kills.count().orElse(counted);
        if (count > counted) {
            unexplained.addLast(new Seen(looks, count - counted));
        }
        if (unexplained.size() > SEEN_MAX) {
            unexplained.removeFirst();
        }
        counted = count;
        lookedNanos = now;
    }

    /**
     * In words, that a job that has ended ran out of memory; empty: nothing speaks for it.
     *
     * @param beside those that still run
     */
    Optional<String> of(Attempt attempt, Ended end, Collection<Attempt> beside) {
        Optional<Integer> started = Optional.ofNullable(running.remove(attempt));
        boolean killed = end.signal() == KILL || end.exitCode() == KILLED_CHILD;
        boolean failed = end.signal() != 0 || end.exitCode() != 0;
        if (started.isEmpty() || !failed) {
            return Optional.empty();
        }
        look(clock.bootNanos());
        if (end.outOfMemory()) {
            explainOne(started.get());
            return Optional.of(words(attempt));
        }
        boolean likely = killed
                ? kills.onlyOurs() || standsOut(attempt, beside)
                // Of a program that says in its own way that it lost a process, only when there was no other to lose
                // one.
                : kills.onlyOurs() && beside.isEmpty();
        return likely && explainOne(started.get()) ? Optional.of(words(attempt)) : Optional.empty();
    }

    /** What may have been killed is no job's: then no job is to blame for it. */
    void killedBeside() {
        look(clock.bootNanos());
        explainOne(0);
    }

    /** Whether among all of the node it is the one that the kernel would take. */
    private static boolean standsOut(Attempt attempt, Collection<Attempt> beside) {
        long requestedKiB = attempt.task().getMemoryMib() * 1024;
        long peakKiB = attempt.process().peakMemoryKiB();
        return (requestedKiB > 0 && peakKiB >= requestedKiB)
                || beside.stream().allMatch(other -> other.process().peakMemoryKiB() <= peakKiB);
    }

    /** Puts one kill down to a job that was started after that look. */
    private boolean explainOne(int after) {
        for (Iterator<Seen> latest = unexplained.descendingIterator(); latest.hasNext(); ) {
            Seen seen = latest.next();
            if (seen.look() <= after) {
                return false;
            }
            latest.remove();
            if (seen.kills() > 1) {
                unexplained.addLast(new Seen(seen.look(), seen.kills() - 1));
            }
            return true;
        }
        return false;
    }

    private static String words(Attempt attempt) {
        long peakMiB = (attempt.process().peakMemoryKiB() + 1023) / 1024;
        long requestedMiB = attempt.task().getMemoryMib();
        return "the kernel killed it, or a process of it, for want of memory: it "
                + (peakMiB > 0 ? "was seen with " + peakMiB + " MiB" : "was too short to be measured") + ", and "
                + (requestedMiB > 0 ? "asked for " + requestedMiB + " MiB" : "asked for none");
    }
}
