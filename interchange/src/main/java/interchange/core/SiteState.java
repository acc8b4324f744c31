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

    @Fleeting
    long nextSubmitMillis;

    SiteState(Site site) {
        this.site = site;
    }

    boolean isBroken() {
        return !broken.isEmpty();
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
