package interchange.core;

import java.util.ArrayList;
import java.util.List;

/** Copies sites, blocks and workers for people. */
final class ClusterView {
    private ClusterView() {}

    static Snapshots.ClusterSnapshot of(State state, Now now) {
        List<Snapshots.SiteSnapshot> sites = new ArrayList<>();
        List<Snapshots.BlockSnapshot> blocks = new ArrayList<>();
        List<Snapshots.WorkerSnapshot> workers = new ArrayList<>();
        state.sites.values().forEach(site -> sites.add(view(site)));
        state.blocks.values().forEach(block -> blocks.add(view(block, now)));
        state.workers.values().forEach(worker -> workers.add(view(worker, now)));
        return new Snapshots.ClusterSnapshot(sites, blocks, workers);
    }

    private static Snapshots.SiteSnapshot view(SiteState site) {
        return new Snapshots.SiteSnapshot(
                site.index(),
                site.site.name(),
                site.broken,
                site.activeBlocks(),
                site.site.maxBlocks(),
                site.workers.size(),
                site.waitingJobs());
    }

    private static Snapshots.BlockSnapshot view(Block block, Now now) {
        int busy = 0;
        for (Worker worker : block.workers.values()) {
            busy += worker.usedCores;
        }
        return new Snapshots.BlockSnapshot(
                block.id,
                block.site.index(),
                block.batchId,
                block.phase,
                block.releasing,
                block.nodes,
                block.intendedEpochMillis,
                block.endMillis < 0 ? -1 : Math.max(0, (block.endMillis - now.steadyMillis()) / 1_000),
                block.jobsDone,
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
                worker.deadlineEpochMillis < 0
                        ? -1
                        : Math.max(0, (worker.deadlineEpochMillis - now.epochMillis()) / 1_000));
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
