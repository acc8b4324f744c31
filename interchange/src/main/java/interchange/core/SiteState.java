package interchange.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A site with what waits for it and what it has. */
final class SiteState {
    /** After its first Hello a worker is as good as new for so long. */
    private static final long FRESH_FOR_MILLIS = 30_000;

    /** What may pass of a block before its worker is heard, where that is slow. */
    private static final long START_MILLIS = 300_000;

    @Durable
    final Site site;

    @Durable
    int failuresInARow;

    /** The batch system's words; empty: whole. */
    @Durable
    String broken = "";

    /** One queue for each shape that jobs of this site have. */
    @Fleeting
    final List<ReadyQueue> queues = new ArrayList<>();

    /** Workers that may have room. */
    @Fleeting
    final Set<Worker> roomy = new LinkedHashSet<>();

    @Fleeting
    final Set<Block> blocks = new LinkedHashSet<>();

    @Fleeting
    final Set<Worker> workers = new LinkedHashSet<>();

    /** Runs that have jobs here and have not ended. */
    @Fleeting
    int activeRuns;

    /** The last run that used it was cancelled: nothing is kept for a next one. */
    @Fleeting
    boolean deserted;

    @Fleeting
    boolean initBlocksAsked;

    /** The most that a worker of it offers, or that the last ones did; 0: none was heard. */
    @Fleeting
    private int offeredCores;

    @Fleeting
    private int offeredMemoryMiB;

    /** The most time that a new block's worker had left when it was first heard; 0: not known, or without end. */
    @Fleeting
    long freshMillis;

    /** Blocks in a row that were let go without having run anything, though jobs waited. */
    @Fleeting
    int fruitlessInARow;

    /** When a block last failed. */
    @Fleeting
    long failedMillis = Long.MIN_VALUE;

    /** Why the batch system could not be looked at; empty: it could. */
    @Fleeting
    String lookFailure = "";

    /** Why the last block failed, until one works; the batch system's words. */
    @Fleeting
    String lastFailure = "";

    @Fleeting
    final Nodes nodes = new Nodes();

    @Fleeting
    long nextSubmitMillis;

    SiteState(Site site) {
        this.site = site;
    }

    boolean isBroken() {
        return !broken.isEmpty();
    }

    /**
     * What must be left of a block for a job of this walltime: that, but for one that the site's blocks are just long enough
     * for. It can't have more than a new one has left when its worker is there.
     */
    long neededMillis(int walltimeSeconds) {
        long wanted = walltimeSeconds * 1_000L;
        boolean fills = freshMillis > 0
                && wanted > freshMillis - FRESH_FOR_MILLIS
                && wanted <= Math.min(site.walltime().toMillis(), freshMillis + START_MILLIS);
        return fills ? Math.max(0, freshMillis - FRESH_FOR_MILLIS) : wanted;
    }

    /** Whether a new block could run it, were it to take its whole walltime (0: not known). */
    boolean hasBlocksFor(int walltimeSeconds) {
        long said = site.walltime().toMillis();
        long wanted = walltimeSeconds * 1_000L;
        return (said == 0 || wanted <= said) && (freshMillis == 0 || wanted <= freshMillis + START_MILLIS);
    }

    /** Workers came or went. */
    void learnOffers() {
        int cores = 0;
        int memoryMiB = 0;
        for (Worker worker : workers) {
            cores = Math.max(cores, worker.cores);
            memoryMiB = Math.max(memoryMiB, worker.memoryMiB);
        }
        if (cores > 0) {
            offeredCores = cores;
            offeredMemoryMiB = memoryMiB;
        }
    }

    /** How long a block lasts: as the site says, else as was seen; 0: not known, or without end. */
    long blockMillis() {
        long said = site.walltime().toMillis();
        return said > 0 ? said : freshMillis;
    }

    /** Of one node: as seen, else as the site says; 0: not known. */
    int nodeCores() {
        return offeredCores > 0 ? offeredCores : site.cores();
    }

    /** Likewise. */
    int nodeMemoryMiB() {
        return offeredMemoryMiB > 0 ? offeredMemoryMiB : site.memoryMiB();
    }

    /** Whether a job has no worker to itself only because none is large enough: it is run by itself then. */
    boolean runsAlone(Shape shape) {
        boolean tooLarge = offeredCores > 0
                && (shape.cpus() > offeredCores
                        || shape.memoryMiB() > offeredMemoryMiB
                        || (site.diskMiB() > 0 && shape.diskMiB() > site.diskMiB()));
        return shape.alone() || tooLarge;
    }

    /** A run begins to use it: what an earlier one found of no use may be of use now. */
    void onWork() {
        deserted = false;
        if (fruitlessInARow > 0 && failuresInARow == 0) {
            fruitlessInARow = 0;
            nextSubmitMillis = 0;
        }
    }

    int index() {
        return site.index();
    }

    int activeBlocks() {
        int count = 0;
        for (Block block : blocks) {
            if (block.active()) {
                count++;
            }
        }
        return count;
    }

    long waitingJobs() {
        long count = 0;
        for (ReadyQueue queue : queues) {
            count += queue.live();
        }
        return count;
    }
}
