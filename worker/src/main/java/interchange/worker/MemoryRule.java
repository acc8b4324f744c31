package interchange.worker;

import interchange.worker.process.Clock;
import interchange.worker.process.MemoryLook;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which jobs are ended for the memory that they take: those over their request and its margin where it is enforced,
 * and where the node runs short, the one that is furthest over its request. The loop's.
 */
final class MemoryRule {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryRule.class);
    private static final long KIB_PER_MIB = 1024;
    /** One that was killed needs a moment to give back what it had, before another is. */
    private static final long GIVING_BACK_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long COMPLAINT_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** Where all jobs take more than they asked for, the log of a worker need not name each. */
    private static final int TOLD_MAX = 100;

    private final Clock clock;
    private Limits limits = Limits.UNKNOWN;
    /** Those that were killed, while something of them lives. */
    private final Set<Attempt> dying = new HashSet<>();

    private long killedNanos;
    private Optional<Long> complainedNanos = Optional.empty();
    private int told;

    /** @param why with the numbers, and what to do */
    record Breach(Attempt attempt, String why) {}

    MemoryRule(Clock clock) {
        this.clock = clock;
    }

    void limits(Limits next) {
        limits = next;
    }

    /** Those that are to be killed now, also of those that were told to end and have time left for it. */
    List<Breach> judge(MemoryLook node, Collection<Attempt> running) {
        if (!limits.looksAtMemory()) {
            return List.of();
        }
        dying.retainAll(running);
        // Whatever they were killed for, they give back what they have.
        running.stream().filter(Attempt::hasHadKill).forEach(dying::add);
        List<Breach> breaches = new ArrayList<>();
        for (Attempt attempt : running) {
            if (isOver(attempt, 0)) {
                tell(attempt);
            }
            if (limits.enforcesMemory() && !attempt.hasHadKill() && isOver(attempt, limits.marginPercent())) {
                breaches.add(new Breach(attempt, overItsMargin(attempt)));
            }
        }
        if (breaches.isEmpty() && node.isShort() && !isToBeWaitedFor(node)) {
            onShort(node, running).ifPresent(breaches::add);
        }
        if (!breaches.isEmpty()) {
            breaches.forEach(breach -> dying.add(breach.attempt()));
            killedNanos = clock.bootNanos();
        }
        return breaches;
    }

    private static boolean isOver(Attempt attempt, int marginPercent) {
        long requestKiB = requestKiB(attempt);
        return requestKiB > 0 && attempt.process().memoryKiB() > requestKiB + requestKiB * marginPercent / 100;
    }

    private static long requestKiB(Attempt attempt) {
        return attempt.task().getMemoryMib() * KIB_PER_MIB;
    }

    /**
     * By how much it is over, and not how many times: so the fewest must go. One that asked for nothing has a right to
     * nothing.
     */
    private static long excessKiB(Attempt attempt) {
        return attempt.process().memoryKiB() - requestKiB(attempt);
    }

    /**
     * Whether what was killed may still give back what is missing. A process that sleeps where no signal wakes it, as on a
     * file system that hangs, keeps its memory. To kill the others one after the other in its place would be worse than to
     * wait: each has less to give, and the node may do with what is left. So it is waited for, however long that takes, but
     * not until nothing is left and the kernel chooses, which might take the worker and with it all jobs: before that the
     * next goes, and after a moment the next, until there is a little again.
     */
    private boolean isToBeWaitedFor(MemoryLook node) {
        if (dying.isEmpty()) {
            return false;
        }
        boolean justKilled = clock.bootNanos() - killedNanos < GIVING_BACK_NANOS;
        if (!justKilled) {
            complain(
                    node,
                    dying.iterator().next().id()
                            + ", which was killed, does not end, as where a file system"
                            + " hangs: others are spared while a little is left");
        }
        return justKilled || !node.isInDanger();
    }

    private Optional<Breach> onShort(MemoryLook node, Collection<Attempt> running) {
        Optional<Attempt> furthest = running.stream()
                .filter(attempt -> !attempt.hasHadKill() && excessKiB(attempt) > 0)
                .max(Comparator.comparingLong(MemoryRule::excessKiB));
        if (furthest.isEmpty()) {
            complain(node, "no job takes more than it asked for: the kernel may end some");
        }
        return furthest.map(attempt -> new Breach(attempt, furthestOver(attempt, node)));
    }

    private void complain(MemoryLook node, String about) {
        long now = clock.bootNanos();
        if (complainedNanos.isEmpty() || now - complainedNanos.get() > COMPLAINT_NANOS) {
            complainedNanos = Optional.of(now);
            LOG.warn(
                    "only {} of {} MiB of memory are left here, and {}",
                    node.availableKiB() / KIB_PER_MIB,
                    node.totalKiB() / KIB_PER_MIB,
                    about);
        }
    }

    private void tell(Attempt attempt) {
        if (attempt.isToldToBeOver() || told >= TOLD_MAX) {
            return;
        }
        attempt.toldToBeOver();
        told++;
        LOG.warn(
                "{} takes {}{}", attempt.id(), numbers(attempt), told == TOLD_MAX ? "; further ones are not told" : "");
    }

    private static String numbers(Attempt attempt) {
        long tookMiB = (attempt.process().memoryKiB() + KIB_PER_MIB - 1) / KIB_PER_MIB;
        long askedMiB = attempt.task().getMemoryMib();
        return tookMiB + " MiB and asked for " + (askedMiB > 0 ? askedMiB + " MiB" : "none");
    }

    private String overItsMargin(Attempt attempt) {
        return "it took " + numbers(attempt) + ", of which the site lets it take "
                + (100 + limits.marginPercent())
                + " % (enforceMemory, memoryMargin): ask for more (requestMemory), or for more at each try"
                + " (memoryMultiplier)";
    }

    private static String furthestOver(Attempt attempt, MemoryLook node) {
        return "the node had only " + Math.max(0, node.availableKiB() / KIB_PER_MIB) + " of "
                + node.totalKiB() / KIB_PER_MIB + " MiB left, and this job was the furthest over its request: it took "
                + numbers(attempt) + "; ask for more (requestMemory), or for more at each try (memoryMultiplier)";
    }
}
