package interchange.core;

import static interchange.core.TestCluster.CORES;
import static interchange.core.TestCluster.MEMORY_MIB;
import static interchange.core.TestCluster.NEVER;
import static interchange.core.TestCluster.graph;
import static interchange.core.TestCluster.retries;
import static interchange.core.TestCluster.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many jobs may be at workers at a time, beyond what these have room for. */
class LimitsTest {
    private static Shape limited(String limits) {
        return new Shape(1, 1, 0, 0, 0, false, limits, Shape.LabelLimit.NONE);
    }

    private static RunGraph jobs(int run, int count, Shape shape, Map<String, Integer> maxJobs) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of(), maxJobs);
        for (int job = 0; job < count; job++) {
            builder.add(shape, "label", retries(0), 0);
        }
        return graph(builder, run);
    }

    private static List<Effect> welcome(TestCluster cluster) {
        return cluster.hello(cluster.block(), 1, "w", 1, CORES, NEVER, List.of());
    }

    @Test
    void aNamedLimitHoldsOverAllRuns() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", 2));
        cluster.submit(jobs(1, 2, limited("db"), Map.of()));
        cluster.submit(jobs(2, 2, limited("db"), Map.of()));
        List<Effect> welcome = welcome(cluster);
        assertThat(started(welcome)).containsExactly(new AttemptId(1, 0, 0), new AttemptId(1, 1, 0));
        assertThat(cluster.scheduler.explain(2, 0, cluster.now()))
                .anyMatch(why -> why.contains("concurrency limit 'db'") && why.contains("count 2 of 2"));
        long session = TestCluster.session(welcome);
        assertThat(started(cluster.finish(session, new AttemptId(1, 0, 0), 1))).containsExactly(new AttemptId(2, 0, 0));
    }

    @Test
    void aNameWithoutANumberIsSaidToLimitNothing() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", 2));
        cluster.submit(jobs(1, 5, limited("db, disc"), Map.of()));
        welcome(cluster);
        for (int job : new int[] {0, 4}) {
            assertThat(cluster.scheduler.explain(1, job, cluster.now()))
                    .filteredOn(why -> why.contains("limits nothing"))
                    .singleElement()
                    .asString()
                    .contains("'disc'");
        }
    }

    @Test
    void whatEndsAtOneSiteMakesRoomAtAnotherAtOnce() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", 1));
        cluster.apply(new Event.SiteAdded(site(2, "there", 0, 0)));
        Shape there = new Shape(2, 1, 0, 0, 0, false, "db", Shape.LabelLimit.NONE);
        cluster.submit(jobs(1, 1, limited("db"), Map.of()));
        cluster.submit(jobs(2, 1, there, Map.of()));
        List<Effect.SubmitBlock> blocks =
                TestCluster.all(cluster.after(Duration.ofSeconds(1)), Effect.SubmitBlock.class);
        List<Effect> welcome = cluster.hello(blocks.getFirst(), 1, "here", 1, CORES, NEVER, List.of());
        cluster.submit(jobs(3, 1, new Shape(2, 1, 0, 0, false), Map.of()));
        Effect.SubmitBlock other = TestCluster.all(cluster.effects, Effect.SubmitBlock.class).stream()
                .filter(block -> block.site() == 2)
                .findFirst()
                .orElseGet(cluster::block);
        cluster.hello(other, 1, "there", 1, CORES, NEVER, List.of());
        assertThat(cluster.state(2, 0)).isEqualTo(JobState.READY);
        List<Effect> next = cluster.finish(TestCluster.session(welcome), new AttemptId(1, 0, 0), 0);
        assertThat(started(next)).containsExactly(new AttemptId(2, 0, 0));
    }

    @Test
    void aNameWithoutANumberLimitsNothing() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", 1));
        cluster.submit(jobs(1, 3, limited("other"), Map.of()));
        assertThat(started(welcome(cluster))).hasSize(3);
    }

    @Test
    void jobsCountAsTheySayAndOneThatCountsTooMuchRunsByItself() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", 3));
        cluster.submit(jobs(1, 1, limited("db:2"), Map.of()));
        cluster.submit(jobs(2, 2, limited("db:9"), Map.of()));
        List<Effect> welcome = welcome(cluster);
        assertThat(started(welcome)).containsExactly(new AttemptId(1, 0, 0));
        List<Effect> next = cluster.finish(TestCluster.session(welcome), new AttemptId(1, 0, 0), 0);
        assertThat(started(next)).containsExactly(new AttemptId(2, 0, 0));
    }

    @Test
    void whatWaitsForALimitKeepsNoOtherFromStarting() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", 1));
        cluster.submit(jobs(1, 5, limited("db"), Map.of()));
        cluster.submit(jobs(2, 5, limited(""), Map.of()));
        List<Effect> welcome = welcome(cluster);
        assertThat(started(welcome))
                .hasSize(CORES)
                .filteredOn(id -> id.run() == 1)
                .hasSize(1);
        cluster.heartbeats = true;
        cluster.after(Timing.standard().reserveAfter().multipliedBy(3));
        cluster.jobMillis = 60_000;
        List<Effect> next = cluster.finish(TestCluster.session(welcome), new AttemptId(2, 0, 0), 0);
        assertThat(started(next)).as("no worker is kept free for them").containsExactly(new AttemptId(2, 3, 0));
    }

    @Test
    void aLimitOfALabelHoldsInEachRunByItself() {
        TestCluster cluster = new TestCluster(TestCluster.site(1));
        cluster.submit(jobs(1, 3, limited(""), Map.of("label", 1)));
        cluster.submit(jobs(2, 3, limited(""), Map.of("label", 2)));
        assertThat(started(welcome(cluster)))
                .containsExactlyInAnyOrder(new AttemptId(1, 0, 0), new AttemptId(2, 0, 0), new AttemptId(2, 1, 0));
    }

    @Test
    void aSiteHasNoMoreJobsAtItsWorkersThanItSays() {
        TestCluster cluster = new TestCluster(site(0, 3));
        cluster.submit(jobs(1, 9, limited(""), Map.of()));
        List<Effect> welcome = welcome(cluster);
        assertThat(started(welcome)).hasSize(3);
        assertThat(started(cluster.finish(TestCluster.session(welcome), new AttemptId(1, 0, 0), 0)))
                .hasSize(1);
    }

    @Test
    void shortJobsAreNotGivenAheadBeyondALimit() {
        TestCluster cluster = new TestCluster(TestCluster.site(1), Map.of("db", CORES + 1));
        cluster.submit(jobs(1, 50, limited("db"), Map.of()));
        List<Effect> welcome = welcome(cluster);
        List<Effect> next = cluster.finish(TestCluster.session(welcome), new AttemptId(1, 0, 0), 0);
        assertThat(started(next)).as("one in its place, one ahead").hasSize(2);
    }

    @Test
    void blocksAreAskedForOnlyForAsManyAsALimitLeaves() {
        TestCluster cluster = new TestCluster(TestCluster.site(9), Map.of("db", CORES));
        cluster.submit(jobs(1, 9 * CORES, limited("db"), Map.of()));
        assertThat(TestCluster.all(cluster.after(Duration.ofSeconds(5)), Effect.SubmitBlock.class))
                .hasSize(1);
    }

    @Test
    void whatALimitLeavesIsAskedForOnceHoweverManyShapesShareIt() {
        TestCluster cluster = new TestCluster(TestCluster.site(9), Map.of("db", CORES));
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        for (int job = 0; job < 4 * CORES; job++) {
            builder.add(new Shape(1, 1, 1 + job % 4, 0, 0, false, "db", Shape.LabelLimit.NONE), "label", retries(0), 0);
        }
        cluster.submit(graph(builder, 1));
        assertThat(TestCluster.all(cluster.after(Duration.ofSeconds(5)), Effect.SubmitBlock.class))
                .hasSize(1);
    }

    @Test
    void diskIsRoomLikeMemoryWhereASiteCountsIt() {
        TestCluster cluster = new TestCluster(site(1_000, 0));
        Shape shape = new Shape(1, 1, 0, 400, 0, false, "", Shape.LabelLimit.NONE);
        cluster.submit(jobs(1, 4, shape, Map.of()));
        assertThat(started(welcome(cluster))).hasSize(2);
    }

    @Test
    void aLimitsNameAndWeightAreReadOrRefusedInWords() {
        assertThat(LimitName.parse(" db_limit , io:3,db_limit:7 "))
                .containsExactly(new LimitName("db_limit", 1), new LimitName("io", 3));
        assertThat(LimitName.parse("")).isEmpty();
        assertThatThrownBy(() -> LimitName.parse("a,,b")).hasMessageContaining("'' is no NAME");
        assertThatThrownBy(() -> LimitName.parse("a b")).hasMessageContaining("'a b' is no NAME and no NAME:N");
        assertThatThrownBy(() -> LimitName.parse("a:0")).hasMessageContaining("counts for nothing");
    }

    private static Site site(int diskMiB, int maxJobs) {
        return site(1, "here", diskMiB, maxJobs);
    }

    private static Site site(int index, String name, int diskMiB, int maxJobs) {
        Site site = TestCluster.site(1);
        return new Site(
                index,
                name,
                site.batchSystem(),
                1,
                CORES,
                MEMORY_MIB,
                diskMiB,
                site.walltime(),
                0,
                0,
                1,
                1.0,
                site.idleTimeout(),
                site.disconnectGrace(),
                site.killGrace(),
                site.drainBefore(),
                site.minRemaining(),
                5,
                site.pollInterval(),
                maxJobs,
                0,
                "");
    }
}
