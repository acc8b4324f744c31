package interchange.core;

import java.util.IdentityHashMap;
import java.util.Map;

/** How many nodes of a site its waiting jobs call for: by their cores, their memory, their disk and the time that they take. */
final class Demand {
    /** Rounding must not ask for a node. */
    private static final double CRUMB = 1e-9;

    private final State state;

    Demand(State state) {
        this.state = state;
    }

    /** 0 only when nothing waits that a new block could run. */
    int nodes(SiteState site) {
        double nodes = 0;
        boolean waits = false;
        Map<Limit, Integer> left = new IdentityHashMap<>();
        for (ReadyQueue queue : site.queues) {
            int jobs = site.hasBlocksFor(queue.shape.walltimeSeconds()) ? queue.startable(left) : 0;
            if (jobs > 0) {
                waits = true;
                nodes += jobs * shareOfNode(site, queue.shape) * shareOfTime(site, queue);
            }
        }
        if (!waits) {
            return 0;
        }
        // What a node has is not known before one is heard: a first one will tell.
        double wanted = site.nodeCores() == 0 ? 1 : Math.ceil(nodes * site.site.parallelism() - CRUMB);
        return (int) Math.clamp(wanted, 1, Integer.MAX_VALUE);
    }

    /** Of which only one fits, it needs the whole. */
    private static double shareOfNode(SiteState site, Shape shape) {
        double cores = share(shape.cpus(), site.nodeCores());
        double memory = share(shape.memoryMiB(), site.nodeMemoryMiB());
        double disk = share(shape.diskMiB(), site.site.diskMiB());
        double share = Math.max(Math.max(cores, memory), disk);
        return shape.alone() || share > 0.5 ? 1 : share;
    }

    private static double share(int wanted, int offered) {
        return offered == 0 ? 0 : (double) wanted / offered;
    }

    /** A node that stays at least until it is idle takes many short jobs, one after another. */
    private double shareOfTime(SiteState site, ReadyQueue queue) {
        double atLeast = site.site.idleTimeout().toMillis();
        double each = expectedMillis(queue);
        return each <= 0 || atLeast <= 0 ? 1 : Math.min(1, each / atLeast);
    }

    /** What jobs of the first one's label took; 0: none has ended. */
    private double expectedMillis(ReadyQueue queue) {
        Run run = state.runs.get(queue.headRun());
        return run == null ? 0 : run.meanMillis[run.graph.labels()[queue.headJob()]];
    }
}
