package interchange.core;

import java.util.ArrayList;
import java.util.List;

/** How many blocks a site is to have: it follows the work that waits, counting what queued blocks will bring. */
final class Elasticity {
    /** Of a site, not yet submitted: the first failures of a site that fails are seen before hundreds are asked for. */
    static final int ASKED_AT_ONCE_MAX = 8;

    private final State state;
    private final BlockFlow blocks;
    private final Demand demand;

    Elasticity(State state, BlockFlow blocks) {
        this.state = state;
        this.blocks = blocks;
        this.demand = new Demand(state);
    }

    void onTick() {
        for (SiteState site : state.sites.values()) {
            int wanted = demand.nodes(site);
            grow(site, wanted);
            shrink(site, wanted);
        }
    }

    private void grow(SiteState site, int nodesWanted) {
        if (site.isBroken() || state.millis() < site.nextSubmitMillis) {
            return;
        }
        int active = site.activeBlocks();
        int missing = nodesWanted - nodesToCome(site);
        int forWork = missing <= 0 ? 0 : Math.ceilDiv(missing, site.site.nodesPerBlock());
        int wanted = Math.max(forWork, standing(site) - active);
        int allowed = site.site.maxBlocks() - blocksNotOver(site);
        int asked = Math.max(0, Math.min(Math.min(wanted, allowed), ASKED_AT_ONCE_MAX - intended(site)));
        for (int i = 0; i < asked; i++) {
            blocks.ask(site);
        }
        // Once for each time that there is work again.
        site.initBlocksAsked =
                site.activeRuns > 0 && (site.initBlocksAsked || active + asked >= site.site.initBlocks());
    }

    private static int intended(SiteState site) {
        int count = 0;
        for (Block block : site.blocks) {
            if (block.phase == BlockPhase.INTENDED) {
                count++;
            }
        }
        return count;
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

    private int nodesToCome(SiteState site) {
        int nodes = 0;
        for (Block block : site.blocks) {
            nodes += block.nodesToCome(state.millis());
        }
        return nodes;
    }

    // ---- letting go

    private void shrink(SiteState site, int nodesWanted) {
        long idleLimit = site.deserted ? -1 : site.site.idleTimeout().toMillis();
        int keep = site.activeRuns > 0 ? site.site.minBlocks() : 0;
        int active = site.activeBlocks();
        int toCome = 0;
        List<Block> unneeded = new ArrayList<>();
        for (Block block : site.blocks) {
            if (!block.active()) {
                continue;
            }
            boolean needed = block.workers.isEmpty() ? toCome < nodesWanted : isBusy(block) || isWaitedFor(block);
            toCome += block.nodesToCome(state.millis());
            if (needed) {
                block.idleSinceMillis = state.millis();
            } else if (state.millis() - block.idleSinceMillis > idleLimit) {
                unneeded.add(block);
            }
        }
        // The youngest first: what has waited longest is nearest to its turn.
        letGo(unneeded.reversed().subList(0, Math.clamp(active - keep, 0, unneeded.size())));
    }

    /** Those that never began in one call. */
    private void letGo(List<Block> unneeded) {
        List<Block> unheard = new ArrayList<>();
        for (Block block : unneeded) {
            if (block.proven || !block.workers.isEmpty()) {
                blocks.release(block);
            } else {
                unheard.add(block);
            }
        }
        blocks.cancel(unheard);
    }

    /** Whether something waits that one of its workers could run, were it the next. */
    private boolean isWaitedFor(Block block) {
        for (ReadyQueue queue : block.site.queues) {
            if (queue.live() > 0 && queue.mayStart()) {
                for (Worker worker : block.workers.values()) {
                    if (couldRun(queue.shape, worker)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private boolean couldRun(Shape shape, Worker worker) {
        return !worker.draining
                && (worker.isLargeEnoughFor(shape) || worker.site.runsAlone(shape))
                && worker.hasTimeFor(shape.walltimeSeconds(), state.now);
    }

    private static boolean isBusy(Block block) {
        for (Worker worker : block.workers.values()) {
            if (!worker.attempts.isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
