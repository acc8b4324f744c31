package interchange.daemon;

import interchange.core.BlockPhase;
import interchange.core.Snapshots.BlockSnapshot;
import interchange.core.Snapshots.ClusterSnapshot;
import interchange.core.Snapshots.SiteSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says of the sites of a run what keeps its jobs waiting, with the batch system's own words. */
final class SiteMessages {
    private static final long MILLIS_PER_MINUTE = 60_000;

    private final ClusterSnapshot cluster;
    private final long nowEpochMillis;

    SiteMessages(ClusterSnapshot cluster, long nowEpochMillis) {
        this.cluster = cluster;
        this.nowEpochMillis = nowEpochMillis;
    }

    /** @param sites those that the run uses, by index */
    List<String> about(Set<Integer> sites) {
        List<String> messages = new ArrayList<>();
        for (SiteSnapshot site : cluster.sites()) {
            if (sites.contains(site.site()) && site.waitingJobs() > 0) {
                trouble(site).or(() -> queued(site)).ifPresent(messages::add);
            }
            if (sites.contains(site.site()) && !site.nodesAside().isEmpty()) {
                messages.add("site '" + site.name() + "': nodes that failed again and again are set aside: "
                        + String.join(", ", site.nodesAside()));
            }
        }
        return messages;
    }

    private static Optional<String> trouble(SiteSnapshot site) {
        if (!site.broken().isEmpty()) {
            return Optional.of("site '" + site.name() + "' is broken, its jobs wait: " + site.broken()
                    + " (mend it, then `interchange sites --resume " + site.name()
                    + "`; where the site's settings are wrong: correct them, cancel the run and submit it again)");
        }
        if (!site.lookFailure().isEmpty()) {
            return Optional.of("site '" + site.name() + "': its batch system does not answer: " + site.lookFailure());
        }
        if (site.pauseSeconds() > 0 && !site.lastFailure().isEmpty()) {
            return Optional.of("site '" + site.name() + "': its last block failed: " + site.lastFailure()
                    + " (another is asked for in " + site.pauseSeconds() + " s)");
        }
        return Optional.empty();
    }

    private Optional<String> queued(SiteSnapshot site) {
        if (site.workers() > 0) {
            return Optional.empty();
        }
        List<BlockSnapshot> queued = cluster.blocks().stream()
                .filter(block -> block.site() == site.site())
                .filter(block ->
                        block.phase() == BlockPhase.QUEUED || !block.message().isEmpty())
                .filter(block -> !block.phase().over())
                .sorted(Comparator.comparingLong(BlockSnapshot::intendedEpochMillis))
                .toList();
        if (queued.isEmpty()) {
            return Optional.empty();
        }
        BlockSnapshot oldest = queued.getFirst();
        long minutes = Math.max(0, nowEpochMillis - oldest.intendedEpochMillis()) / MILLIS_PER_MINUTE;
        return Optional.of("site '" + site.name() + "': " + site.waitingJobs() + " jobs wait for blocks, of which "
                + queued.size() + (queued.size() == 1 ? " is" : " are")
                + " in the batch system's queue, the oldest for "
                + minutes + " min" + (oldest.message().isEmpty() ? "" : ": " + oldest.message()));
    }
}
