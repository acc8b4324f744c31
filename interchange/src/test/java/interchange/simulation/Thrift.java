package interchange.simulation;

import interchange.core.Snapshots.BlockSnapshot;
import interchange.core.Snapshots.ClusterSnapshot;
import interchange.core.Snapshots.SiteSnapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Whether sites let blocks go that had time left, and ask for others soon after with no more work than before. */
final class Thrift {
    private final Simulation world;
    private final Map<Integer, LetGo> last = new HashMap<>();
    private final Set<Integer> known = new HashSet<>();
    private final Set<Integer> releasing = new HashSet<>();

    private List<Integer> going = List.of();

    private record LetGo(long millis, long waitingJobs) {}

    Thrift(Simulation world) {
        this.world = world;
    }

    /** @param runs those that go on: with a new one there is new work */
    void look(ClusterSnapshot cluster, List<Integer> runs) {
        if (!going.containsAll(runs)) {
            last.clear();
        }
        going = List.copyOf(runs);
        Map<Integer, Long> waiting = new HashMap<>();
        for (SiteSnapshot site : cluster.sites()) {
            waiting.put(site.site(), site.waitingJobs());
        }
        for (BlockSnapshot block : cluster.blocks()) {
            long jobs = waiting.getOrDefault(block.site(), 0L);
            if (known.add(block.block())) {
                asked(block, jobs);
            }
            if (block.releasing() && releasing.add(block.block()) && !isUsedUp(block)) {
                last.put(block.site(), new LetGo(world.clock.millis(), jobs));
            }
        }
    }

    private boolean isUsedUp(BlockSnapshot block) {
        return block.remainingSeconds() >= 0
                && block.remainingSeconds() <= world.site.minRemaining().toSeconds();
    }

    private void asked(BlockSnapshot block, long waitingJobs) {
        LetGo before = last.get(block.site());
        long idleMillis = world.site.idleTimeout().toMillis();
        if (before != null && before.waitingJobs >= waitingJobs && world.clock.millis() - before.millis <= idleMillis) {
            throw new AssertionError("site " + block.site() + " let a block go when " + before.waitingJobs
                    + " jobs waited, and " + (world.clock.millis() - before.millis) / 1_000
                    + " s later asked for block " + block.block() + " for " + waitingJobs);
        }
    }

    int asked() {
        return known.size();
    }

    int letGo() {
        return releasing.size();
    }
}
