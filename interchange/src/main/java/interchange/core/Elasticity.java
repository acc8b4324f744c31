package interchange.core;

import java.util.ArrayList;
import java.util.List;

/** How many blocks a site is to have: it follows the work that waits, counting what queued blocks will bring. */
final class Elasticity {
    /** Of a site, in one tick: the first failures of a site that fails are seen before hundreds are asked for. */
    static final int ASKED_AT_ONCE_MAX = 8;

    private final State state;
    private final BlockFlow blocks;

    Elasticity(State state, BlockFlow blocks) {
        this.state = state;
        this.blocks = blocks;
    }

    void onTick() {
        for (SiteState site : state.sites.values()) {
            grow(site);
            shrink(site);
        }
    }

    private void grow(SiteState site) {
        if (site.isBroken() || state.millis() < site.nextSubmitMillis) {
            return;
        }
        int active = site.activeBlocks();
        int wanted = Math.max(forWork(site), standing(site) - active);
        int allowed = site.site.maxBlocks() - blocksNotOver(site);
        int asked = Math.min(Math.min(wanted, allowed), ASKED_AT_ONCE_MAX);
        for (int i = 0; i < asked; i++) {
            blocks.ask(site);
        }
        // Once for each time that there is work again.
        site.initBlocksAsked =
                site.activeRuns > 0 && (site.initBlocksAsked || active + asked >= site.site.initBlocks());
    }

    private static int blocksNotOver(SiteState site) {
        int count = 0;
        for (Block block : site.blocks) {
            if (!block.phase.over()) {
                count++;
            }
        }
        return count;
    }

    /** Blocks that a site has whatever the work, as long as some run may use it. */
    private static int standing(SiteState site) {
        if (site.activeRuns == 0) {
            return 0;
        }
        int first = site.initBlocksAsked ? 0 : site.site.initBlocks();
        return Math.max(site.site.minBlocks(), first);
    }

    /** Blocks that the waiting jobs call for, beyond those that are on their way. */
    private static int forWork(SiteState site) {
        double cores = 0;
        double memory = 0;
        double nodes = 0;
        long waiting = 0;
        for (ReadyQueue queue : site.queues) {
            if (queue.live() == 0 || !couldRunInNewBlock(site, queue.shape)) {
                continue;
            }
            waiting += queue.live();
            if (queue.shape.alone()) {
                nodes += queue.live();
            } else {
                cores += (double) queue.live() * queue.shape.cpus();
                memory += (double) queue.live() * queue.shape.memoryMiB();
            }
        }
        if (waiting == 0) {
            return 0;
        }
        nodes += Math.max(cores / Math.max(1, site.site.cores()), memory / Math.max(1, site.site.memoryMiB()));
        double missing = Math.max(1, Math.ceil(nodes * site.site.parallelism() - 1e-9)) - nodesToCome(site);
        return missing <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, Math.ceil(missing / site.site.nodesPerBlock()));
    }

    private static boolean couldRunInNewBlock(SiteState site, Shape shape) {
        long walltime = site.site.walltime().toSeconds();
        return walltime == 0 || shape.walltimeSeconds() <= walltime;
    }

    private static int nodesToCome(SiteState site) {
        int nodes = 0;
        for (Block block : site.blocks) {
            nodes += block.nodesToCome();
        }
        return nodes;
    }

    private void shrink(SiteState site) {
        long idleLimit = site.site.idleTimeout().toMillis();
        int keep = site.activeRuns > 0 ? site.site.minBlocks() : 0;
        int active = site.activeBlocks();
        boolean workWaits = forWorkAtAll(site);
        for (Block block : new ArrayList<>(site.blocks)) {
            if (!block.active()) {
                continue;
            }
            if (busy(block) || workWaits) {
                block.idleSinceMillis = state.millis();
            } else if (active > keep && state.millis() - block.idleSinceMillis > idleLimit) {
                active--;
                letGo(block);
            }
        }
    }

    private void letGo(Block block) {
        if (block.proven || !block.workers.isEmpty()) {
            blocks.release(block);
        } else {
            blocks.cancel(List.of(block));
        }
    }

    private static boolean forWorkAtAll(SiteState site) {
        for (ReadyQueue queue : site.queues) {
            if (queue.live() > 0 && couldRunInNewBlock(site, queue.shape)) {
                return true;
            }
        }
        return false;
    }

    private static boolean busy(Block block) {
        for (Worker worker : block.workers.values()) {
            if (!worker.attempts.isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
