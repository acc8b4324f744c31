package interchange.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A site with what waits for it and what it has. */
final class SiteState {
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

    @Fleeting
    boolean initBlocksAsked;

    /** The most that a worker of it has offered; 0: none was heard. */
    @Fleeting
    private int offeredCores;

    @Fleeting
    private int offeredMemoryMiB;

    /** Blocks in a row that were let go without having run anything, though jobs waited. */
    @Fleeting
    int fruitlessInARow;

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

    void offers(Worker worker) {
        offeredCores = Math.max(offeredCores, worker.cores);
        offeredMemoryMiB = Math.max(offeredMemoryMiB, worker.memoryMiB);
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
        boolean tooLarge = offeredCores > 0 && (shape.cpus() > offeredCores || shape.memoryMiB() > offeredMemoryMiB);
        return shape.alone() || tooLarge;
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
