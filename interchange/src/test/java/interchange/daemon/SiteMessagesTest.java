package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.BlockPhase;
import interchange.core.Snapshots.BlockSnapshot;
import interchange.core.Snapshots.ClusterSnapshot;
import interchange.core.Snapshots.SiteSnapshot;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SiteMessagesTest {
    private static SiteSnapshot site(
            String broken, String lastFailure, long pauseSeconds, long waitingJobs, List<String> aside) {
        return new SiteSnapshot(1, "sdf", broken, lastFailure, "", pauseSeconds, 2, 4, 0, waitingJobs, aside);
    }

    private static BlockSnapshot queued(int block, long intendedEpochMillis, String message) {
        return new BlockSnapshot(
                block, 1, "7", BlockPhase.QUEUED, false, 1, List.of(), intendedEpochMillis, -1, 0, 0, 0, message);
    }

    private static List<String> about(SiteSnapshot site, BlockSnapshot... blocks) {
        ClusterSnapshot cluster = new ClusterSnapshot(List.of(site), List.of(blocks), List.of());
        return new SiteMessages(cluster, 1_000_000).about(Set.of(1));
    }

    @Test
    void brokenSiteIsToldWithTheBatchSystemsWordsAndTheNextStep() {
        assertThat(about(site("invalid partition", "invalid partition", 0, 3, List.of())))
                .containsExactly("site 'sdf' is broken, its jobs wait: invalid partition (mend it, then"
                        + " `interchange sites --resume sdf`; where the site's settings are wrong: correct them, cancel"
                        + " the run and submit it again)");
    }

    @Test
    void failedBlockIsToldUntilAnotherIsAskedFor() {
        assertThat(about(site("", "no licence", 60, 3, List.of())))
                .containsExactly("site 'sdf': its last block failed: no licence (another is asked for in 60 s)");
    }

    @Test
    void queueIsToldWithTheReasonOfTheOldestBlock() {
        assertThat(about(
                        site("", "", 0, 3, List.of("n7")),
                        queued(2, 1_000_000, "Priority"),
                        queued(1, 1_000_000 - 600_000, "Resources")))
                .containsExactly(
                        "site 'sdf': 3 jobs wait for blocks, of which 2 are in the batch system's queue, the oldest for"
                                + " 10 min: Resources",
                        "site 'sdf': nodes that failed again and again are set aside: n7");
    }

    @Test
    void nothingIsSaidOfSitesThatTheRunDoesNotUseOrWhereNothingWaits() {
        ClusterSnapshot cluster =
                new ClusterSnapshot(List.of(site("bad", "bad", 9, 3, List.of("n1"))), List.of(), List.of());
        assertThat(new SiteMessages(cluster, 0).about(Set.of(2))).isEmpty();
        assertThat(about(site("bad", "bad", 9, 0, List.of()))).isEmpty();
    }
}
