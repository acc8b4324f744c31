package interchange.core;

import java.time.Duration;

/**
 * What the scheduler must know of a site; made from the site's configuration.
 *
 * @param index the site's number in the journal
 * @param name as users know it
 * @param batchSystem who gives the blocks; all blocks of one are looked at together
 * @param cores offered by one worker (one node of a block); 0: what the node has, known when the first is heard
 * @param memoryMiB likewise
 * @param diskMiB of scratch, that one worker gives to jobs; 0: it is not counted
 * @param walltime of a block; zero: without end
 * @param parallelism the part of the waiting work that blocks are asked for, in (0, 1]
 * @param idleTimeout how long a block may be without work before it is let go
 * @param disconnectGrace the lease of a worker
 * @param killGrace between TERM and KILL
 * @param drainBefore how long before a block's end its workers take nothing that would not finish
 * @param minRemaining what must be left of a block for a job without a walltime
 * @param maxBlockFailures blocks that fail in a row before the site is broken
 * @param pollInterval between two looks at the batch system
 * @param maxJobs so many jobs may be at its workers at a time, its pools together; 0: no limit
 * @param maxJobMemoryMiB jobs that ask for more are for a larger pool; 0: what its workers have
 * @param larger the name of the next larger pool of its section; empty: there is none
 */
public record Site(
        int index,
        String name,
        String batchSystem,
        int nodesPerBlock,
        int cores,
        int memoryMiB,
        int diskMiB,
        Duration walltime,
        int initBlocks,
        int minBlocks,
        int maxBlocks,
        double parallelism,
        Duration idleTimeout,
        Duration disconnectGrace,
        Duration killGrace,
        Duration drainBefore,
        Duration minRemaining,
        int maxBlockFailures,
        Duration pollInterval,
        int maxJobs,
        int maxJobMemoryMiB,
        String larger) {

    /** Whether a job that asks for so much is for this pool and not for a larger one. */
    boolean holds(int jobMemoryMiB) {
        return (maxJobMemoryMiB == 0 || jobMemoryMiB <= maxJobMemoryMiB)
                && (memoryMiB == 0 || jobMemoryMiB <= memoryMiB);
    }

    /** Whether its blocks are long enough, as far as it says so. */
    boolean lasts(int jobWalltimeSeconds) {
        return walltime.isZero() || jobWalltimeSeconds <= walltime.toSeconds();
    }

    /** The section of the configuration that it comes from, which pools and later contents of that name share. */
    public String section() {
        return sectionOf(name);
    }

    /** The name of a site, less that of a pool ({@code tiger.small}) and the number of a later content ({@code here~2}). */
    public static String sectionOf(String site) {
        return site.split("[.~]", 2)[0];
    }
}
