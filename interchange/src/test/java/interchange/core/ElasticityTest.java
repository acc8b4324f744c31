package interchange.core;

import static interchange.core.TestCluster.CORES;
import static interchange.core.TestCluster.MEMORY_MIB;
import static interchange.core.TestCluster.NEVER;
import static interchange.core.TestCluster.all;
import static interchange.core.TestCluster.graph;
import static interchange.core.TestCluster.independent;
import static interchange.core.TestCluster.retries;
import static interchange.core.TestCluster.shape;
import static interchange.core.TestCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many blocks a site asks for, and when it lets them go. */
class ElasticityTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static List<Effect.SubmitBlock> asked(List<Effect> effects) {
        return all(effects, Effect.SubmitBlock.class);
    }

    private static List<Integer> cancelled(List<Effect> effects) {
        return all(effects, Effect.CancelBlocks.class).stream()
                .flatMap(cancel -> cancel.blocks().stream())
                .distinct()
                .toList();
    }

    private static TestCluster living(Site site) {
        TestCluster cluster = new TestCluster(site);
        cluster.heartbeats = true;
        return cluster;
    }

    private static RunGraph jobs(int count, Shape shape) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        for (int job = 0; job < count; job++) {
            builder.add(shape, "label", retries(0), 0);
        }
        return graph(builder, 1);
    }

    private static int blocksFor(Site site, RunGraph graph) {
        TestCluster cluster = living(site);
        cluster.submit(graph);
        return asked(cluster.after(MINUTE)).size();
    }

    @Test
    void blocksFollowCoresAndMemoryAndNotTheNumberOfJobs() {
        Site site = TestSite.of(100).build();
        assertThat(blocksFor(site, jobs(12 * CORES, shape(1, 0)))).isEqualTo(12);
        assertThat(blocksFor(site, jobs(12, shape(1, MEMORY_MIB / 2)))).isEqualTo(6);
        assertThat(blocksFor(site, jobs(12, shape(1, MEMORY_MIB / 2 + 1))))
                .as("of which only one fits a node")
                .isEqualTo(12);
        assertThat(blocksFor(TestSite.of(100).nodesPerBlock(4).build(), jobs(12 * CORES, shape(1, 0))))
                .isEqualTo(3);
        assertThat(blocksFor(TestSite.of(100).parallelism(0.25).build(), jobs(12 * CORES, shape(1, 0))))
                .isEqualTo(3);
        assertThat(blocksFor(TestSite.of(5).build(), jobs(12 * CORES, shape(1, 0))))
                .isEqualTo(5);
    }

    @Test
    void nothingIsAskedForJobsThatNoNewBlockCouldRunOrThatWaitForOthers() {
        Site site = TestSite.of(100).walltime(Duration.ofHours(1)).build();
        assertThat(blocksFor(site, jobs(9, new Shape(1, 1, 0, 3_601, false)))).isZero();
        assertThat(blocksFor(site, jobs(9, new Shape(1, CORES, 0, 3_600, false))))
                .isEqualTo(9);
        RunGraphBuilder chain = new RunGraphBuilder(List.of());
        chain.add(shape(CORES, 0), "first", retries(0), 0);
        for (int job = 1; job < 20; job++) {
            chain.add(shape(CORES, 0), "next", retries(0), 0, job - 1);
        }
        assertThat(blocksFor(site, graph(chain, 1))).isEqualTo(1);
    }

    @Test
    void shortJobsNeedFewerNodesThanTheyWouldFillAtOnce() {
        TestCluster cluster = living(TestSite.of(100).build());
        cluster.submit(jobs(1_000 * CORES, shape(1, 0)));
        Effect.SubmitBlock first = asked(cluster.after(Duration.ofSeconds(1))).getFirst();
        long session = cluster.join(first);
        // Each takes 10 ms: all of it is less than a node does in its idle time.
        for (Effect.Start start : all(cluster.effects, Effect.Start.class)) {
            start.attempts().forEach(attempt -> cluster.finish(session, attempt, 0));
        }
        assertThat(asked(cluster.after(Duration.ofMinutes(10)))).isEmpty();
    }

    @Test
    void whatANodeHasIsLearntFromTheFirstWhereTheSiteDoesNotSayIt() {
        TestCluster cluster = living(TestSite.of(100).node(0, 0).build());
        cluster.submit(jobs(100, shape(1, 0)));
        Effect.SubmitBlock first = cluster.block();
        assertThat(asked(cluster.after(MINUTE))).as("before it is known").isEmpty();
        cluster.join(first, 1, 10, NEVER);
        assertThat(asked(cluster.after(MINUTE))).hasSize(9);
    }

    @Test
    void jobThatIsTooLargeForWhatNodesReallyOfferRunsByItself() {
        TestCluster cluster = living(TestSite.of(1).node(0, 0).build());
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(16, 0), "large", retries(0), 1);
        builder.add(shape(1, 0), "small", retries(0), 0);
        cluster.submit(graph(builder, 1));
        Effect.SubmitBlock block = cluster.block();
        cluster.join(block, 1, 4, NEVER);
        assertThat(started(cluster.effects)).containsExactly(new AttemptId(1, 0, 0));
        assertThat(cluster.scheduler.explain(1, 1, cluster.now()).toString()).contains("wants to be alone");
    }

    @Test
    void queuedBlocksBeyondTheNeedAreCancelledTheYoungestFirst() {
        TestCluster cluster = living(TestSite.of(4).build());
        cluster.jobMillis = 60_000;
        cluster.submit(jobs(4 * CORES, shape(1, 0)));
        List<Effect.SubmitBlock> blocks = asked(cluster.after(Duration.ofSeconds(1)));
        assertThat(blocks).hasSize(4);
        cluster.join(blocks.getFirst());
        cluster.join(blocks.get(1));
        assertThat(cancelled(cluster.after(Duration.ofSeconds(200))))
                .as("while half of the jobs wait")
                .isEmpty();
        finishAll(cluster, 1);
        assertThat(cancelled(cluster.after(Duration.ofSeconds(100))))
                .as("before the idle time is over")
                .isEmpty();
        assertThat(cancelled(cluster.after(Duration.ofSeconds(100))))
                .containsExactly(blocks.get(3).block(), blocks.get(2).block());
    }

    /** Everything that was started ends well, and what follows from it. */
    private static void finishAll(TestCluster cluster, int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (Effect.Start start : List.copyOf(all(cluster.effects, Effect.Start.class))) {
                start.attempts().forEach(attempt -> cluster.finish(start.session(), attempt, 0));
            }
        }
    }

    @Test
    void blockInWhichNothingThatWaitsWouldFinishIsLetGoAndAnotherAskedFor() {
        TestCluster cluster =
                living(TestSite.of(1).walltime(Duration.ofHours(1)).build());
        cluster.jobMillis = 60_000;
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock first = cluster.block();
        cluster.join(first, 1, CORES, 3_500);
        cluster.after(Duration.ofMinutes(1));
        finishAll(cluster, 1);
        cluster.submit(graphOf(2, new Shape(1, 1, 0, 3_500, false)));
        List<Effect> later = cluster.after(Duration.ofMinutes(3));
        assertThat(all(later, Effect.DrainWorker.class)).isNotEmpty();
        cluster.answer(Map.of(first.block(), new BlockReport(BlockPhase.ENDED, "", -1)));
        assertThat(asked(cluster.after(Duration.ofMinutes(2)))).hasSize(1);
    }

    private static RunGraph graphOf(int run, Shape shape) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape, "label", retries(0), 0);
        return graph(builder, run);
    }

    @Test
    void blocksThatRunNothingAreAskedForMoreAndMoreSlowly() {
        TestCluster cluster =
                living(TestSite.of(1).walltime(Duration.ofHours(1)).build());
        cluster.submit(independent(1, 1));
        int asked = 0;
        for (int minute = 0; minute < 120; minute++) {
            for (Effect.SubmitBlock block : asked(cluster.after(MINUTE))) {
                asked++;
                // The queue gives less than the site says, and than a job without a walltime must have.
                cluster.join(block, 1, CORES, 400);
            }
            Map<Integer, BlockReport> over = new HashMap<>();
            cluster.scheduler.cluster(cluster.now()).blocks().stream()
                    .filter(Snapshots.BlockSnapshot::releasing)
                    .forEach(block -> over.put(block.block(), new BlockReport(BlockPhase.ENDED, "", -1)));
            if (!over.isEmpty()) {
                cluster.answer(over);
            }
        }
        assertThat(asked).isBetween(4, 20);
        assertThat(all(cluster.effects, Effect.Notice.class).toString()).contains("without having run a job");
    }

    @Test
    void jobThatMayFillABlockStartsInANewOneThoughSomeOfItsTimeIsGone() {
        TestCluster cluster =
                living(TestSite.of(1).walltime(Duration.ofHours(1)).build());
        cluster.submit(graphOf(1, new Shape(1, 1, 0, 3_600, false)));
        cluster.join(cluster.block(), 1, CORES, 3_480);
        assertThat(started(cluster.effects)).hasSize(1);
    }

    @Test
    void jobThatTakesMuchLongerThanBlocksReallyLastIsNotAskedForAgain() {
        TestCluster cluster =
                living(TestSite.of(2).walltime(Duration.ofHours(1)).build());
        cluster.submit(graphOf(1, new Shape(1, 1, 0, 3_600, false)));
        cluster.join(cluster.block(), 1, CORES, 1_800);
        assertThat(started(cluster.effects)).isEmpty();
        assertThat(asked(cluster.after(Duration.ofHours(2)))).isEmpty();
        assertThat(cluster.scheduler.explain(1, 0, cluster.now()).toString()).contains("no block is asked for it");
    }

    @Test
    void whenTheLastRunIsCancelledItsQueuedBlocksAreCancelledInOneCall() {
        TestCluster cluster = living(TestSite.of(5).build());
        cluster.submit(jobs(20 * CORES, shape(1, 0)));
        assertThat(asked(cluster.after(Duration.ofSeconds(2)))).hasSize(5);
        cluster.apply(new Event.RunCancelled(1, "enough", false));
        List<Effect.CancelBlocks> cancels = all(cluster.after(Duration.ofSeconds(1)), Effect.CancelBlocks.class);
        assertThat(cancels).hasSize(1);
        assertThat(cancels.getFirst().blocks()).hasSize(5);
    }

    @Test
    void smallerNodesThanTheLastOnesAreNotHeldForWhatTheyCantRun() {
        TestCluster cluster = living(TestSite.of(1).node(0, 0).build());
        cluster.submit(jobs(1, shape(1, 0)));
        Effect.SubmitBlock large = cluster.block();
        long session = cluster.join(large, 1, 64, NEVER);
        finishAll(cluster, 1);
        cluster.apply(new Event.WorkerSaidGoodbye(session, "its block ends"));
        cluster.answer(Map.of(large.block(), new BlockReport(BlockPhase.ENDED, "", -1)));
        cluster.after(Duration.ofMinutes(2));
        cluster.submit(graphOf(2, shape(40, 0)));
        cluster.join(cluster.block(), 1, 32, NEVER);
        assertThat(started(cluster.effects)).contains(new AttemptId(2, 0, 0));
    }

    @Test
    void workerWithoutWorkLeavesBeforeItsBlockEnds() {
        TestCluster cluster =
                living(TestSite.of(1).walltime(Duration.ofHours(1)).minBlocks(1).build());
        cluster.submit(independent(1, 1));
        cluster.join(cluster.block(), 1, CORES, 400);
        List<Effect> early = cluster.after(Duration.ofSeconds(270));
        assertThat(all(early, Effect.DrainWorker.class)).isEmpty();
        assertThat(all(cluster.after(Duration.ofSeconds(20)), Effect.DrainWorker.class))
                .hasSize(1);
    }

    /** A cluster that gives every block at once, and jobs that take their time: work without end. */
    private static final class Steady {
        final TestCluster cluster;
        final int cores;
        private final Deque<Running> running = new ArrayDeque<>();
        private final Map<Integer, List<Effect.SubmitBlock>> queued = new HashMap<>();
        private int seconds;

        private record Running(int endsAt, long session, AttemptId attempt) {}

        Steady(Site site, int cores) {
            this.cluster = living(site);
            this.cores = cores;
        }

        /** @param jobSeconds what each job takes */
        List<Effect> run(int forSeconds, int jobSeconds, int queueSeconds) {
            List<Effect> all = new ArrayList<>();
            cluster.jobMillis = 1_000L * jobSeconds;
            for (int end = seconds + forSeconds; seconds < end; seconds++) {
                cluster.effects.removeIf(effect -> !(effect instanceof Effect.Welcome));
                List<Effect> now = new ArrayList<>(cluster.after(Duration.ofSeconds(1)));
                queued.put(seconds + queueSeconds, asked(now));
                for (Effect.SubmitBlock block : queued.getOrDefault(seconds, List.of())) {
                    int before = cluster.effects.size();
                    cluster.join(block, 1, cores, NEVER);
                    now.addAll(cluster.effects.subList(before, cluster.effects.size()));
                }
                while (!running.isEmpty() && running.getFirst().endsAt <= seconds) {
                    Running job = running.removeFirst();
                    now.addAll(cluster.finish(job.session, job.attempt, 0));
                }
                for (Effect.Start start : all(now, Effect.Start.class)) {
                    start.attempts()
                            .forEach(attempt ->
                                    running.add(new Running(seconds + jobSeconds, start.session(), attempt)));
                }
                all.addAll(now);
            }
            return all;
        }
    }

    @Test
    void steadyWorkNeverMakesASiteCancelAndAskAgain() {
        Steady steady = new Steady(TestSite.of(6).build(), CORES);
        steady.cluster.submit(independent(1, 4_000));
        List<Effect> effects = steady.run(7_000, 45, 50);
        assertThat(cancelled(effects)).isEmpty();
        assertThat(all(effects, Effect.DrainWorker.class)).isEmpty();
        assertThat(asked(effects)).hasSize(6);
    }

    @Test
    void fewerJobsThanOneNodeHasCoresKeepOneBlock() {
        Steady steady = new Steady(TestSite.of(4).node(48, 0).build(), 48);
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        int width = 14;
        for (int job = 0; job < 200 * width; job++) {
            if (job < width) {
                builder.add(shape(1, 0), "first", retries(0), 0);
            } else {
                builder.add(shape(1, 0), "next", retries(0), 0, job - width);
            }
        }
        steady.cluster.submit(graph(builder, 1));
        List<Effect> effects = steady.run(2 * 3_600, 60, 10);
        assertThat(asked(effects)).hasSize(1);
        assertThat(cancelled(effects)).isEmpty();
    }

    @Test
    void layersOfWorkWithShortPausesKeepTheirBlocks() {
        Steady steady = new Steady(TestSite.of(3).build(), CORES);
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        int width = 3 * CORES;
        int last = -1;
        for (int layer = 0; layer < 30; layer++) {
            int first = builder.jobs();
            for (int job = 0; job < width; job++) {
                if (last < 0) {
                    builder.add(shape(1, 0), "wide", retries(0), 0);
                } else {
                    builder.add(shape(1, 0), "wide", retries(0), 0, last);
                }
            }
            int[] parents =
                    java.util.stream.IntStream.range(first, first + width).toArray();
            last = builder.jobs();
            builder.add(shape(1, 0), "narrow", retries(0), 0, parents);
        }
        steady.cluster.submit(graph(builder, 1));
        List<Effect> effects = steady.run(3_000, 55, 5);
        assertThat(asked(effects)).hasSize(3);
        assertThat(cancelled(effects)).isEmpty();
    }
}
