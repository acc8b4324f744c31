package interchange.daemon;

import interchange.core.Event;
import interchange.core.Now;
import interchange.core.Scheduler;
import interchange.core.Snapshots.BlockSnapshot;
import interchange.core.Snapshots.ClusterSnapshot;
import interchange.core.Snapshots.SiteSnapshot;
import interchange.core.Snapshots.WorkerSnapshot;
import interchange.proto.control.BlockRow;
import interchange.proto.control.BlocksResponse;
import interchange.proto.control.Error;
import interchange.proto.control.SiteRow;
import interchange.proto.control.SitesRequest;
import interchange.proto.control.SitesResponse;
import interchange.proto.control.WorkerRow;
import interchange.proto.control.WorkersResponse;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Answers about sites, blocks and workers. Query thread. */
final class ClusterQueries {
    private static final long MILLIS_PER_SECOND = 1_000;

    private final Live live;
    private final Sites sites;
    private final Supplier<Now> clock;

    ClusterQueries(Live live, Sites sites, Supplier<Now> clock) {
        this.live = live;
        this.sites = sites;
        this.clock = clock;
    }

    private ClusterSnapshot cluster() throws RequestException {
        return live.ask(Scheduler::cluster);
    }

    WorkersResponse workers() throws RequestException {
        WorkersResponse.Builder response = WorkersResponse.newBuilder();
        for (WorkerSnapshot worker : cluster().workers()) {
            response.addWorkers(WorkerRow.newBuilder()
                    .setId(worker.worker())
                    .setSite(sites.get(worker.site()).config().name())
                    .setBlock(worker.place().block())
                    .setRank(worker.place().rank())
                    .setHost(worker.host())
                    .setPid(worker.pid())
                    .setState(worker.state())
                    .setCores(worker.cores())
                    .setCoresUsed(worker.coresUsed())
                    .setMemoryMib(worker.memoryMiB())
                    .setMemoryUsedMib(worker.memoryUsedMiB())
                    .setRunning(worker.running())
                    .setWaiting(worker.waiting())
                    .setSecondsSinceHeard(worker.secondsSinceHeard())
                    .setRemainingSeconds(worker.remainingSeconds()));
        }
        return response.build();
    }

    BlocksResponse blocks() throws RequestException {
        long now = clock.get().epochMillis();
        BlocksResponse.Builder response = BlocksResponse.newBuilder();
        for (BlockSnapshot block : cluster().blocks()) {
            String phase = block.phase().name().toLowerCase(Locale.ROOT);
            response.addBlocks(BlockRow.newBuilder()
                    .setId(block.block())
                    .setSite(sites.get(block.site()).config().name())
                    .setBatchId(block.batchId())
                    .setState(block.releasing() && !block.phase().over() ? "ending" : phase)
                    .setNodes(block.nodes())
                    .setAgeSeconds(Math.max(0, now - block.intendedEpochMillis()) / MILLIS_PER_SECOND)
                    .setRemainingSeconds(block.remainingSeconds())
                    .setJobsDone(block.jobsDone())
                    .setCores(block.cores())
                    .setCoresBusy(block.coresBusy())
                    .addAllNodeNames(block.nodeNames())
                    .setMessage(block.message()));
        }
        return response.build();
    }

    SitesResponse sites(SitesRequest request) throws RequestException {
        SitesResponse.Builder response = SitesResponse.newBuilder();
        if (!request.getResume().isEmpty()) {
            List<Sites.Entry> named = sites.allOf(request.getResume());
            if (named.isEmpty()) {
                throw new RequestException(
                        Error.Kind.USER,
                        "there is no site '" + request.getResume() + "'; `interchange sites` shows those there are");
            }
            for (Sites.Entry site : named) {
                live.tell(new Event.SiteResumed(site.index()));
                response.addMessages("site '" + site.config().name() + "' is asked for blocks again");
            }
        }
        for (SiteSnapshot site : cluster().sites()) {
            response.addSites(SiteRow.newBuilder()
                    .setName(site.name())
                    .setProvider(sites.get(site.site()).config().provider())
                    .setState(word(site))
                    .setMessage(message(site))
                    .setPauseSeconds(site.pauseSeconds())
                    .addAllNodesAside(site.nodesAside())
                    .setBlocks(site.blocks())
                    .setMaxBlocks(site.maxBlocks())
                    .setWorkers(site.workers())
                    .setWaitingJobs(site.waitingJobs()));
        }
        return response.build();
    }

    private static String word(SiteSnapshot site) {
        if (!site.broken().isEmpty()) {
            return "broken";
        }
        return site.pauseSeconds() > 0 ? "waiting" : "ok";
    }

    private static String message(SiteSnapshot site) {
        if (!site.broken().isEmpty()) {
            return site.broken();
        }
        return site.lookFailure().isEmpty()
                ? site.lastFailure()
                : "its batch system does not answer: " + site.lookFailure();
    }
}
