package interchange.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Copies sites, blocks and workers for people. */
final class ClusterView {
    private ClusterView() {}

    static Snapshots.ClusterSnapshot of(State state, Now now) {
        List<Snapshots.SiteSnapshot> sites = new ArrayList<>();
        List<Snapshots.BlockSnapshot> blocks = new ArrayList<>();
        List<Snapshots.WorkerSnapshot> workers = new ArrayList<>();
        state.sites.values().forEach(site -> sites.add(view(site, now)));
        state.blocks.values().forEach(block -> blocks.add(view(block, now)));
        state.workers.values().forEach(worker -> workers.add(view(worker, now)));
        return new Snapshots.ClusterSnapshot(sites, blocks, workers);
    }

    private static Snapshots.SiteSnapshot view(SiteState site, Now now) {
        return new Snapshots.SiteSnapshot(
                site.index(),
                site.site.name(),
                site.broken,
                site.lastFailure,
                site.lookFailure,
                Math.max(0, (site.nextSubmitMillis - now.steadyMillis()) / 1_000),
                site.activeBlocks(),
                site.site.maxBlocks(),
                site.workers.size(),
                site.waitingJobs(),
                site.nodes.aside(now.steadyMillis()));
    }

    private static Snapshots.BlockSnapshot view(Block block, Now now) {
        int cores = 0;
        int busy = 0;
        Set<String> hosts = new LinkedHashSet<>(block.nodeNames);
        for (Worker worker : block.workers.values()) {
            cores += worker.cores;
            busy += worker.usedCores;
            hosts.add(worker.host);
        }
        return new Snapshots.BlockSnapshot(
                block.id,
                block.site.index(),
                block.batchId,
                block.phase,
                block.releasing,
                block.nodes,
                List.copyOf(hosts),
                block.intendedEpochMillis,
                block.endMillis < 0 ? -1 : Math.max(0, (block.endMillis - now.steadyMillis()) / 1_000),
                block.jobsDone,
                cores,
                busy,
                block.message);
    }

    private static Snapshots.WorkerSnapshot view(Worker worker, Now now) {
        int running = 0;
        for (Attempt attempt : worker.attempts.values()) {
            running += attempt.started() ? 1 : 0;
        }
        return new Snapshots.WorkerSnapshot(
                worker.id,
                worker.site.index(),
                worker.place,
                worker.host,
                worker.pid,
                word(worker),
                worker.cores,
                worker.usedCores,
                worker.memoryMiB,
                worker.usedMemoryMiB,
                running,
                worker.attempts.size() - running,
                (now.steadyMillis() - worker.lastHeardMillis) / 1_000,
                worker.remainingMillis(now) == Long.MAX_VALUE ? -1 : Math.max(0, worker.remainingMillis(now) / 1_000));
    }

    private static String word(Worker worker) {
        if (!worker.connected()) {
            return "unfenced";
        }
        if (worker.silent) {
            return "silent";
        }
        return worker.draining ? "draining" : "connected";
    }
}
