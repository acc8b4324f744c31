package interchange.core;

import static interchange.core.TestCluster.CORES;
import static interchange.core.TestCluster.NEVER;
import static interchange.core.TestCluster.all;
import static interchange.core.TestCluster.independent;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Blocks that start anew, vanish, or run on nodes that fail; batch systems that answer late. */
class BlockTroubleTest {
    private final TestCluster cluster = living(4);

    private static TestCluster living(int maxBlocks) {
        TestCluster cluster = new TestCluster(TestSite.of(maxBlocks).build());
        cluster.heartbeats = true;
        cluster.jobMillis = 60_000;
        return cluster;
    }

    private static BlockReport report(BlockPhase phase, String... nodes) {
        return new BlockReport(phase, "", -1, List.of(nodes));
    }

    private List<Effect.SubmitBlock> submit(int jobs) {
        cluster.submit(independent(1, jobs));
        List<Effect.SubmitBlock> blocks = all(cluster.after(Duration.ofSeconds(1)), Effect.SubmitBlock.class);
        return blocks;
    }

    private Snapshots.BlockSnapshot view(Effect.SubmitBlock block) {
        return cluster.scheduler.cluster(cluster.now()).blocks().stream()
                .filter(one -> one.block() == block.block())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void blockThatIsStartedAnewBuriesWhatItsEarlierStartLeftOnTheSameNodeOnly() {
        RunGraph graph = independent(1, 2 * CORES);
        TestCluster two = new TestCluster(TestSite.of(1).nodesPerBlock(2).build());
        two.heartbeats = true;
        two.submit(graph);
        Effect.SubmitBlock block = two.block();
        two.apply(new Event.BlockSubmitted(block.block(), "7"));
        two.joinAt(block, "n1", 0, 0, CORES, NEVER);
        two.joinAt(block, "n2", 0, 1, CORES, NEVER);
        // Both are silent, and the batch system says that it is in the queue again.
        two.heartbeats = false;
        two.after(Duration.ofSeconds(60));
        two.answer(Map.of(block.block(), report(BlockPhase.QUEUED)));
        assertThat(two.scheduler.cluster(two.now()).workers()).hasSize(2);
        int ended = all(two.changes, Change.AttemptEnded.class).size();
        two.joinAt(block, "n1", 1, 0, CORES, NEVER);
        List<Change.AttemptEnded> ends = all(two.changes, Change.AttemptEnded.class);
        assertThat(ends.subList(ended, ends.size()))
                .as("jobs of the start before, on that node")
                .hasSize(CORES)
                .allMatch(end -> end.end() == AttemptEnd.WORKER_LEFT);
        assertThat(two.scheduler.cluster(two.now()).workers())
                .extracting(Snapshots.WorkerSnapshot::host)
                .containsExactlyInAnyOrder("n2", "n1");
        assertThat(all(two.after(Duration.ofSeconds(60)), Effect.SubmitBlock.class))
                .as("its other node is still to come")
                .isEmpty();
    }

    @Test
    void lookThatIsOlderThanABlocksWorkersDoesNotPutItBackIntoTheQueue() {
        Effect.SubmitBlock block = submit(1).getFirst();
        cluster.joinAt(block, "n1", 0, 0, CORES, NEVER);
        cluster.answer(Map.of(block.block(), report(BlockPhase.QUEUED)));
        assertThat(view(block).phase()).isEqualTo(BlockPhase.RUNNING);
    }

    @Test
    void earlierStartOfABlockGetsNothingWhenALaterOneIsAtWork() {
        Effect.SubmitBlock block = submit(1).getFirst();
        cluster.joinAt(block, "n1", 1, 0, CORES, NEVER);
        List<Effect> late = cluster.hello(block, 1, "old", 1, CORES, NEVER, List.of());
        assertThat(all(late, Effect.Refuse.class)).hasSize(1);
    }

    @Test
    void blockThatIsAbsentThoughItRunsEndsItsJobsAndLeaves() {
        Effect.SubmitBlock block = submit(1).getFirst();
        long session = cluster.joinAt(block, "n1", 0, 0, CORES, NEVER);
        cluster.answer(Map.of(block.block(), report(BlockPhase.RUNNING, "n1")));
        cluster.after(Duration.ofSeconds(40));
        cluster.answer(Map.of());
        assertThat(view(block).phase()).as("left out once").isEqualTo(BlockPhase.RUNNING);
        cluster.after(Duration.ofSeconds(40));
        List<Effect> gone = cluster.answer(Map.of());
        assertThat(view(block).phase()).isEqualTo(BlockPhase.GONE);
        assertThat(all(gone, Effect.DrainWorker.class)).hasSize(1);
        assertThat(all(gone, Effect.Kill.class)).isEmpty();
        cluster.finish(session, new AttemptId(1, 0, 0), 0);
        assertThat(all(cluster.effects, Effect.RunEnded.class).getFirst().state())
                .isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void answerThatIsLateSaysNothingOfBlocksThatItDoesNotName() {
        Effect.SubmitBlock first = submit(1).getFirst();
        cluster.after(Duration.ofSeconds(2));
        Effect.PollBlocks early = all(cluster.effects, Effect.PollBlocks.class).getFirst();
        // It is not answered, and asked again; then the answer comes that did not know the block yet.
        cluster.after(Duration.ofMinutes(11));
        assertThat(all(cluster.effects, Effect.PollBlocks.class)).hasSize(2);
        cluster.apply(new Event.BlocksPolled(early.batchSystem(), early.look(), Map.of()));
        assertThat(view(first).phase()).isEqualTo(BlockPhase.QUEUED);
        cluster.answer(Map.of());
        cluster.after(Duration.ofSeconds(40));
        cluster.answer(Map.of());
        assertThat(all(cluster.effects, Effect.CancelBlocks.class))
                .as("perhaps it is there all the same")
                .hasSize(1);
        assertThat(all(cluster.changes, Change.BlockBecame.class).getLast().phase())
                .isEqualTo(BlockPhase.GONE);
    }

    @Test
    void oneLookServesAllSitesOfABatchSystem() {
        cluster.apply(new Event.SiteAdded(TestSite.of(1).index(2).build()));
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(new Shape(1, 1, 0, 0, false), "here", TestCluster.retries(0), 0);
        builder.add(new Shape(2, 1, 0, 0, false), "there", TestCluster.retries(0), 0);
        cluster.submit(TestCluster.graph(builder, 1));
        cluster.after(Duration.ofSeconds(10));
        assertThat(all(cluster.effects, Effect.SubmitBlock.class)).hasSize(2);
        assertThat(all(cluster.effects, Effect.PollBlocks.class)).hasSize(1);
        cluster.answer(Map.of(1, report(BlockPhase.QUEUED), 2, report(BlockPhase.QUEUED)));
        cluster.after(Duration.ofSeconds(60));
        cluster.answer(Map.of(1, report(BlockPhase.QUEUED), 2, report(BlockPhase.QUEUED)));
        cluster.after(Duration.ofSeconds(31));
        List<Effect.PollBlocks> looks = all(cluster.effects, Effect.PollBlocks.class);
        assertThat(looks).hasSize(3);
        assertThat(looks.getLast().blocks()).containsExactly(1, 2);
    }

    @Test
    void batchSystemsWordOnTheTimeLeftHoldsWhereItIsSooner() {
        Effect.SubmitBlock block = submit(CORES).getFirst();
        cluster.joinAt(block, "n1", 0, 0, CORES, 7_200);
        cluster.answer(Map.of(block.block(), new BlockReport(BlockPhase.RUNNING, "", 300, List.of("n1"))));
        assertThat(cluster.scheduler.cluster(cluster.now()).workers().getFirst().remainingSeconds())
                .isEqualTo(300);
    }

    // ---- nodes

    private final List<Effect.SubmitBlock> asked = new ArrayList<>();

    /** Passes time, and what is asked for is in the queue. */
    private void pass(Duration time) {
        asked.addAll(all(cluster.after(time), Effect.SubmitBlock.class));
    }

    /** All blocks but the first fail on n3, before anything of them is heard. */
    private void failOnN3(int rounds) {
        for (int round = 0; round < rounds; round++) {
            pass(Duration.ofSeconds(200));
            Map<Integer, BlockReport> reports = new HashMap<>();
            asked.forEach(block -> reports.put(
                    block.block(),
                    block.block() == 1
                            ? report(BlockPhase.RUNNING, "n1")
                            : new BlockReport(BlockPhase.FAILED, "no such disk", -1, List.of("n3"))));
            cluster.answer(reports);
        }
    }

    private Snapshots.SiteSnapshot site() {
        return cluster.scheduler.cluster(cluster.now()).sites().getFirst();
    }

    @Test
    void nodeThatFailsAgainAndAgainIsSetAsideByNameWhileOthersWork() {
        cluster.submit(independent(1, 40 * CORES));
        pass(Duration.ofSeconds(1));
        cluster.joinAt(asked.getFirst(), "n1", 0, 0, CORES, NEVER);
        assertThat(asked).hasSize(4).allMatch(block -> block.avoid().isEmpty());
        failOnN3(1);
        assertThat(site().nodesAside()).as("while no other has done better").isEmpty();
        for (Effect.Start start : List.copyOf(all(cluster.effects, Effect.Start.class))) {
            start.attempts().forEach(attempt -> cluster.finish(start.session(), attempt, 0));
        }
        failOnN3(1);
        assertThat(site().nodesAside()).containsExactly("n3");
        assertThat(all(cluster.effects, Effect.Notice.class).toString())
                .contains("node n3 failed again and again and is set aside: no such disk");
        assertThat(site().broken()).as("what one node did").isEmpty();
        pass(Duration.ofSeconds(200));
        Effect.SubmitBlock stubborn = asked.getLast();
        assertThat(stubborn.avoid()).containsExactly("n3");
        int starts = all(cluster.effects, Effect.Start.class).size();
        cluster.joinAt(stubborn, "n3", 0, 0, CORES, NEVER);
        assertThat(all(cluster.effects, Effect.Start.class).size())
                .as("given all the same, by a batch system that can't avoid it")
                .isGreaterThan(starts);
        cluster.apply(new Event.SiteResumed(1));
        assertThat(site().nodesAside()).isEmpty();
    }

    @Test
    void whereNothingWorksTheSiteIsBrokenAndNoNodeToBlame() {
        cluster.submit(independent(1, 40 * CORES));
        failOnN3(9);
        assertThat(site().nodesAside()).isEmpty();
        assertThat(site().broken()).isEqualTo("no such disk");
        assertThat(site().lastFailure()).isEqualTo("no such disk");
    }

    @Test
    void endOfABlockSaysNothingOfANodeThatItHadLost() {
        TestCluster two = new TestCluster(TestSite.of(1).nodesPerBlock(2).build());
        two.heartbeats = true;
        two.submit(independent(1, 2 * CORES));
        Effect.SubmitBlock block = two.block();
        two.joinAt(block, "n1", 0, 0, CORES, NEVER);
        two.joinAt(block, "n2", 0, 1, CORES, NEVER);
        // The batch system has taken n2 off it, and then it ends.
        two.answer(Map.of(block.block(), new BlockReport(BlockPhase.ENDED, "TIMEOUT", -1, List.of("n1"), 0)));
        two.heartbeats = false;
        two.after(Duration.ofMinutes(5));
        assertThat(two.scheduler.cluster(two.now()).workers()).isNotEmpty();
        assertThat(all(two.changes, Change.AttemptEnded.class)).isEmpty();
    }

    @Test
    void workerThatIsHeardThoughItsBlockIsSaidToHaveEndedIsToldToEndAndWaitedFor() {
        Effect.SubmitBlock block = submit(1).getFirst();
        cluster.joinAt(block, "n1", 0, 0, CORES, NEVER);
        cluster.answer(Map.of(block.block(), new BlockReport(BlockPhase.ENDED, "", -1, List.of("n1"), 0)));
        List<Effect> later = cluster.after(Duration.ofMinutes(3));
        assertThat(all(later, Effect.ShutDownWorker.class)).hasSize(1);
        assertThat(all(cluster.changes, Change.AttemptEnded.class)).isEmpty();
    }

    @Test
    void workerThatLeavesIsGivenNothingMoreAndItsNodeIsNotBlamed() {
        List<Effect.SubmitBlock> blocks = submit(40 * CORES);
        long good = cluster.joinAt(blocks.getFirst(), "n1", 0, 0, CORES, NEVER);
        long leaving = cluster.joinAt(blocks.get(1), "n2", 0, 0, CORES, NEVER);
        List<AttemptId> there = all(cluster.effects, Effect.Start.class).stream()
                .filter(start -> start.session() == leaving)
                .flatMap(start -> start.attempts().stream())
                .toList();
        cluster.apply(new Event.WorkerLeaving(leaving));
        cluster.finish(
                good,
                all(cluster.effects, Effect.Start.class).getFirst().attempts().getFirst(),
                0);
        int starts = all(cluster.effects, Effect.Start.class).size();
        for (AttemptId attempt : there) {
            List<Effect> after = cluster.apply(
                    new Event.AttemptFinished(leaving, attempt, cluster.outcome(Outcome.Cause.WORKER_LEFT, 0, 15)));
            assertThat(all(after, Effect.Start.class)).isEmpty();
        }
        assertThat(there).hasSize(CORES);
        assertThat(all(cluster.effects, Effect.Start.class)).hasSize(starts);
        assertThat(site().nodesAside()).isEmpty();
    }

    @Test
    void limitOfTheQueueDoesNotBreakASiteWhoseOtherBlocksWork() {
        cluster.submit(independent(1, 400 * CORES));
        pass(Duration.ofSeconds(1));
        cluster.joinAt(asked.getFirst(), "n1", 0, 0, CORES, NEVER);
        for (int round = 0; round < 12; round++) {
            asked.stream()
                    .skip(1)
                    .forEach(block -> cluster.apply(new Event.BlocksPolled(
                            "batch",
                            0,
                            Map.of(
                                    block.block(),
                                    new BlockReport(BlockPhase.FAILED, "QOSMaxSubmitJobPerUserLimit", -1)))));
            pass(Duration.ofMinutes(16));
        }
        assertThat(site().broken()).isEmpty();
        assertThat(site().lastFailure()).isEqualTo("QOSMaxSubmitJobPerUserLimit");
    }

    @Test
    void nodeOnWhichJobsSucceedIsNotSetAside() {
        Nodes nodes = new Nodes();
        nodes.good("n1", 5);
        for (int time = 10; time < 100; time += 10) {
            nodes.good("n1", time);
            assertThat(nodes.trouble("n2", time)).isFalse();
            if (time % 20 == 0) {
                nodes.good("n2", time);
            }
        }
        assertThat(nodes.trouble("n2", 200)).isFalse();
        nodes.good("n1", 201);
        assertThat(nodes.trouble("n2", 202)).isTrue();
        assertThat(nodes.isAside("n2", 203)).isTrue();
        assertThat(nodes.isAside("n2", 203 + Nodes.ASIDE_MILLIS)).isFalse();
    }
}
