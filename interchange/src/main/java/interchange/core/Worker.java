package interchange.core;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A worker that may still be alive: until it is surely dead, what it runs is run by nobody else. */
final class Worker {
    static final long NO_SESSION = 0;

    @Durable
    final int id;

    @Durable
    final Place place;

    @Durable
    final int start;

    @Durable
    final String incarnation;

    @Durable
    final String host;

    @Durable
    final long pid;

    @Durable
    final int cores;

    @Durable
    final int memoryMiB;

    /** When its block ends; negative: never. */
    @Durable
    final long deadlineEpochMillis;

    @Durable
    final Map<AttemptId, Attempt> attempts = new LinkedHashMap<>();

    @Fleeting
    final SiteState site;

    @Fleeting
    final Block block;

    @Fleeting
    long session = NO_SESSION;

    /** The highest number of a Hello seen of this incarnation. */
    @Fleeting
    long helloNumber;

    /** When a message was last sent to it that may have renewed its lease. */
    @Fleeting
    long lastSentMillis;

    @Fleeting
    long lastHeardMillis;

    @Fleeting
    boolean silent;

    /** Told to take nothing new and to leave. */
    @Fleeting
    boolean draining;

    @Fleeting
    int usedCores;

    @Fleeting
    int usedMemoryMiB;

    @Fleeting
    int usedDiskMiB;

    /** Attempts that were given beyond the room it had. */
    @Fleeting
    int aheadCount;

    /** The shape of job that it is kept free for. */
    @Fleeting
    Optional<ReadyQueue> keptFor = Optional.empty();

    /** Runs a job that must be alone. */
    @Fleeting
    boolean exclusive;

    /** Its block is over, and it has been told so. */
    @Fleeting
    boolean toldToEnd;

    /** It was not heard while its block, of several nodes, was seen to run. */
    @Fleeting
    boolean silentWhileRunning;

    /** When a job last succeeded on it. */
    @Fleeting
    long goodMillis;

    Worker(Change.WorkerJoined row, SiteState site, Block block) {
        this.id = row.worker();
        this.place = row.place();
        this.start = row.start();
        this.incarnation = row.incarnation();
        this.host = row.host();
        this.pid = row.pid();
        this.cores = row.cores();
        this.memoryMiB = row.memoryMiB();
        this.deadlineEpochMillis = row.deadlineEpochMillis();
        this.site = site;
        this.block = block;
    }

    boolean connected() {
        return session != NO_SESSION;
    }

    /** Whether anything new may be given to it. */
    boolean usable() {
        return connected() && !silent && !draining;
    }

    int freeCores() {
        return cores - usedCores;
    }

    int freeMemoryMiB() {
        return memoryMiB - usedMemoryMiB;
    }

    /** What it gives to jobs; MAX_VALUE where that is not counted. */
    int diskMiB() {
        return site.site.diskMiB() > 0 ? site.site.diskMiB() : Integer.MAX_VALUE;
    }

    int freeDiskMiB() {
        return diskMiB() - usedDiskMiB;
    }

    /** When what it runs may be given to another, unless it is heard before. */
    long leaseEndMillis(Timing timing) {
        return lastSentMillis
                + site.site.disconnectGrace().toMillis()
                + site.site.killGrace().toMillis()
                + timing.leaseMargin().toMillis();
    }

    void take(Attempt attempt) {
        attempts.put(attempt.id, attempt);
        if (attempt.ahead) {
            aheadCount++;
        } else {
            occupy(attempt);
        }
    }

    /** Forgets an attempt; what was given ahead of room moves up as the worker itself does. */
    void release(Attempt attempt) {
        attempts.remove(attempt.id);
        if (attempt.ahead) {
            aheadCount--;
            return;
        }
        usedCores -= attempt.cpus;
        usedMemoryMiB -= attempt.memoryMiB;
        usedDiskMiB -= attempt.diskMiB;
        exclusive &= !attempt.alone;
        if (aheadCount > 0) {
            moveUp();
        }
    }

    /** It found room for an attempt that was given ahead. */
    void startedAhead(Attempt attempt) {
        if (attempt.ahead) {
            attempt.ahead = false;
            aheadCount--;
            occupy(attempt);
        }
    }

    boolean hasRoomFor(Shape shape) {
        return shape.cpus() <= freeCores() && shape.memoryMiB() <= freeMemoryMiB() && shape.diskMiB() <= freeDiskMiB();
    }

    boolean hasRoomFor(Attempt attempt) {
        return attempt.cpus <= freeCores() && attempt.memoryMiB <= freeMemoryMiB() && attempt.diskMiB <= freeDiskMiB();
    }

    /** Whether a job of this shape fits beside nothing. */
    boolean isLargeEnoughFor(Shape shape) {
        return shape.cpus() <= cores && shape.memoryMiB() <= memoryMiB && shape.diskMiB() <= diskMiB();
    }

    /** Until its block ends, as its node or the batch system says, whichever is sooner; MAX_VALUE: never. */
    long remainingMillis(Now now) {
        long byNode = deadlineEpochMillis < 0 ? Long.MAX_VALUE : deadlineEpochMillis - now.epochMillis();
        long byBatchSystem = block.endMillis < 0 ? Long.MAX_VALUE : block.endMillis - now.steadyMillis();
        return Math.min(byNode, byBatchSystem);
    }

    /** Whether a job of this walltime (0: not known) would end before the block does. */
    boolean hasTimeFor(int walltimeSeconds, Now now) {
        long remaining = remainingMillis(now);
        if (remaining == Long.MAX_VALUE) {
            return true;
        }
        if (walltimeSeconds > 0) {
            return site.neededMillis(walltimeSeconds) <= remaining;
        }
        // Where whole blocks are shorter than twice minRemaining, it must not keep everything from starting.
        long half = site.blockMillis() / 2;
        long wanted = site.site.minRemaining().toMillis();
        return remaining > (half > 0 ? Math.min(wanted, half) : wanted);
    }

    private void occupy(Attempt attempt) {
        usedCores += attempt.cpus;
        usedMemoryMiB += attempt.memoryMiB;
        usedDiskMiB += attempt.diskMiB;
        exclusive |= attempt.alone;
    }

    private void moveUp() {
        for (Attempt attempt : attempts.values()) {
            if (attempt.ahead && !attempt.retracting && hasRoomFor(attempt)) {
                attempt.ahead = false;
                aheadCount--;
                occupy(attempt);
                if (aheadCount == 0 || freeCores() == 0) {
                    return;
                }
            }
        }
    }
}
