package interchange.core;

import static interchange.core.TestCluster.CORES;
import static interchange.core.TestCluster.MEMORY_MIB;
import static interchange.core.TestCluster.NEVER;
import static interchange.core.TestCluster.all;
import static interchange.core.TestCluster.graph;
import static interchange.core.TestCluster.only;
import static interchange.core.TestCluster.retries;
import static interchange.core.TestCluster.shape;
import static interchange.core.TestCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Memory that runs out, exit codes that end a run, and jobs that make it larger. */
class RunEndingsTest {
    private final TestCluster cluster = new TestCluster(TestCluster.site(1));

    private static AttemptId attempt(int job, int number) {
        return new AttemptId(1, job, number);
    }

    private static RunGraph one(RetryPolicy policy, int memoryMiB) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, memoryMiB), "label", policy, 0);
        return graph(builder, 1);
    }

    private List<Effect> starve(long session, int number, long peakMiB) {
        Outcome outcome = new Outcome(Outcome.Cause.OUT_OF_MEMORY, 0, 9, "", 1, 2, 0, peakMiB, false);
        return cluster.apply(new Event.AttemptFinished(session, attempt(0, number), outcome));
    }

    // ---- memory

    @Test
    void memoryGrowsUntilItsLimitAndThenTheJobFailsForThatReason() {
        cluster.submit(one(new RetryPolicy(9, Set.of(), 2, 3_000, -1, 0), 1_000));
        long session = cluster.join(cluster.block());
        assertThat(started(starve(session, 0, 0))).containsExactly(attempt(0, 1));
        starve(session, 1, 0);
        assertThat(all(cluster.changes, Change.MemoryRaised.class))
                .extracting(Change.MemoryRaised::memoryMiB)
                .containsExactly(2_000, 3_000);
        List<Effect> last = starve(session, 2, 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
        assertThat(cluster.lastOutcome().message())
                .isEqualTo(
                        "it ran out of memory with 3000 MiB, and it may have no more (requestMemoryMax, memoryLimit)");
    }

    @Test
    void memoryGrowsNoFurtherThanTheLargestWorker() {
        cluster.submit(one(new RetryPolicy(9, Set.of(), 100, 0, -1, 0), 1_000));
        long session = cluster.join(cluster.block());
        starve(session, 0, 0);
        starve(session, 1, 0);
        assertThat(cluster.lastOutcome().message())
                .contains("with " + MEMORY_MIB + " MiB, and the largest worker of site 'here' has " + MEMORY_MIB);
    }

    @Test
    void memoryGrowsIntoALargerPoolOfTheSite() {
        TestCluster pools = new TestCluster(
                TestSite.of(1).pool("tiger.small", "tiger.large").build());
        pools.apply(new Event.SiteAdded(TestSite.of(1)
                .index(2)
                .pool("tiger.large", "")
                .node(CORES, 4 * MEMORY_MIB)
                .minBlocks(1)
                .build()));
        pools.submit(one(new RetryPolicy(9, Set.of(), 100, 0, -1, 0), 1_000));
        Effect.SubmitBlock small = pools.block();
        assertThat(small.site()).isEqualTo(1);
        long session = pools.join(small);
        Outcome outcome = new Outcome(Outcome.Cause.OUT_OF_MEMORY, 0, 9, "", 1, 2, 0, 0, false);
        pools.apply(new Event.AttemptFinished(session, attempt(0, 0), outcome));
        assertThat(all(pools.changes, Change.MemoryRaised.class))
                .extracting(Change.MemoryRaised::memoryMiB)
                .containsExactly(4 * MEMORY_MIB);
        Effect.SubmitBlock large = only(pools.after(Duration.ofSeconds(2)), Effect.SubmitBlock.class);
        assertThat(large.site()).isEqualTo(2);
        assertThat(pools.scheduler.run(1).orElseThrow().sites()).containsExactlyInAnyOrder(1, 2);
        assertThat(started(pools.helloAfter(large, 1, false))).containsExactly(attempt(0, 1));
    }

    @Test
    void aLargerPoolThatNobodyKnowsAnyMoreIsNone() {
        TestCluster pools = new TestCluster(
                TestSite.of(1).pool("tiger.small", "tiger.large").build());
        pools.submit(one(new RetryPolicy(9, Set.of(), 100, 0, -1, 0), 1_000));
        long session = pools.join(pools.block());
        Outcome outcome = new Outcome(Outcome.Cause.OUT_OF_MEMORY, 0, 9, "", 1, 2, 0, 0, false);
        List<Effect> then = pools.apply(new Event.AttemptFinished(session, attempt(0, 0), outcome));
        assertThat(started(then)).containsExactly(attempt(0, 1));
        assertThat(all(pools.changes, Change.MemoryRaised.class))
                .extracting(Change.MemoryRaised::memoryMiB)
                .containsExactly(MEMORY_MIB);
    }

    @Test
    void whatWasMeasuredCountsWhereItIsMoreThanWasAskedFor() {
        cluster.submit(one(new RetryPolicy(9, Set.of(), 1.5, 0, -1, 0), 1_000));
        long session = cluster.join(cluster.block());
        starve(session, 0, 2_000);
        assertThat(all(cluster.changes, Change.MemoryRaised.class).getLast().memoryMiB())
                .isEqualTo(3_072);
    }

    @Test
    void withoutAMultiplierItIsTriedAgainAsItWas() {
        cluster.submit(one(retries(1), 1_000));
        long session = cluster.join(cluster.block());
        assertThat(started(starve(session, 0, 0))).containsExactly(attempt(0, 1));
        starve(session, 1, 0);
        assertThat(all(cluster.changes, Change.MemoryRaised.class)).isEmpty();
        assertThat(cluster.endOf(1, 0)).contains(JobEnd.FAILED);
    }

    @Test
    void aJobAloneIsToBlameWhereItsBlockWasEndedForWantOfMemory() {
        cluster.submit(one(new RetryPolicy(9, Set.of(), 2, 0, -1, 0), 1_000));
        Effect.SubmitBlock block = cluster.block();
        cluster.start(cluster.join(block), attempt(0, 0));
        endForWantOfMemory(block);
        assertThat(all(cluster.changes, Change.MemoryRaised.class))
                .extracting(Change.MemoryRaised::memoryMiB)
                .containsExactly(2_000);
        assertThat(all(cluster.changes, Change.AttemptEnded.class))
                .extracting(Change.AttemptEnded::end)
                .containsExactly(AttemptEnd.OUT_OF_MEMORY);
    }

    @Test
    void ofSeveralJobsEachMayBeToBlameWhereTheirBlockWasEndedForWantOfMemory() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 1_000), "label", new RetryPolicy(0, Set.of(), 2, 0, -1, 0), 0);
        builder.add(shape(1, 1_000), "label", new RetryPolicy(0, Set.of(), 2, 0, -1, 0), 0);
        cluster.submit(graph(builder, 1));
        Effect.SubmitBlock block = cluster.block();
        long session = cluster.join(block);
        cluster.start(session, attempt(0, 0));
        cluster.start(session, attempt(1, 0));
        endForWantOfMemory(block);
        assertThat(all(cluster.changes, Change.AttemptEnded.class))
                .extracting(Change.AttemptEnded::end)
                .containsExactly(AttemptEnd.WORKER_DIED, AttemptEnd.WORKER_DIED);
        assertThat(all(cluster.changes, Change.MemoryRaised.class)).isEmpty();
    }

    private void endForWantOfMemory(Effect.SubmitBlock block) {
        BlockReport report = new BlockReport(BlockPhase.OUT_OF_MEMORY, "too much", 0);
        cluster.apply(new Event.BlocksPolled("local", 1, Map.of(block.block(), report)));
        cluster.after(Duration.ofSeconds(32));
    }

    @Test
    void aRestartBeginsWithTheFirstRequest() {
        RunGraph graph = one(new RetryPolicy(9, Set.of(), 2, 0, -1, 0), 1_000);
        byte[] failed = {(byte) JobEnd.FAILED.code()};
        int[] one = {1};
        Recovered.RunRecord record = new Recovered.RunRecord(
                graph,
                RunState.FAILED,
                0,
                "",
                false,
                -1,
                0,
                "",
                Map.of(0, 8_000),
                failed,
                one,
                one,
                one,
                one,
                List.of());
        cluster.apply(new Event.RunRestarted(record, "again"));
        assertThat(cluster.scheduler.explain(1, 0, cluster.now()).getFirst()).contains("1 cpus and 1000 MiB");
    }

    // ---- an exit code that ends the run

    private static RunGraph aborting(int abortReturn) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "bad", new RetryPolicy(5, Set.of(), 0, 0, 42, abortReturn), 0);
        builder.add(shape(1, 0), "long", retries(0), 0);
        builder.add(shape(1, 0), "later", retries(0), 0, 1);
        builder.addFinal(shape(1, 0), "final", retries(0), 0);
        return graph(builder, 1);
    }

    @Test
    void anExitCodeEndsTheRunAndTheFinalJobRuns() {
        cluster.submit(aborting(1));
        long session = cluster.join(cluster.block());
        List<Effect> abort = cluster.finish(session, attempt(0, 0), 42);
        assertThat(only(abort, Effect.Kill.class).attempts()).containsExactly(attempt(1, 0));
        assertThat(cluster.endOf(1, 2)).contains(JobEnd.DELETED);
        Outcome killed = cluster.outcome(Outcome.Cause.KILLED, 0, 15);
        List<Effect> then = cluster.apply(new Event.AttemptFinished(session, attempt(1, 0), killed));
        assertThat(cluster.endOf(1, 1)).contains(JobEnd.DELETED);
        assertThat(started(then)).containsExactly(attempt(3, 0));
        List<Effect> last = cluster.finish(session, attempt(3, 0), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void aReturnValueOfZeroMakesItASuccess() {
        cluster.submit(aborting(0));
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 42);
        cluster.finish(session, attempt(1, 0), 0);
        List<Effect> last = cluster.finish(session, attempt(3, 0), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void otherExitCodesAreTriedAgain() {
        cluster.submit(aborting(1));
        long session = cluster.join(cluster.block());
        assertThat(started(cluster.finish(session, attempt(0, 0), 41))).containsExactly(attempt(0, 1));
        assertThat(all(cluster.changes, Change.RunAborting.class)).isEmpty();
    }

    // ---- jobs that a job brings

    private static RunGraph bringing() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(JobTraits.BRINGS, shape(1, 0), "prepare", retries(1), 0);
        return graph(builder, 1);
    }

    private static RunGraph brought() {
        RunGraphBuilder builder = new RunGraphBuilder(bringing(), Map.of(), 0, 4);
        builder.add(shape(1, 0), "isr", retries(0), 0, 0);
        builder.add(shape(1, 0), "isr", retries(0), 0, 1);
        builder.addFinal(shape(1, 0), "final", retries(0), 0);
        return graph(builder, 1);
    }

    @Test
    void whatAJobBringsRunsBehindIt() {
        cluster.submit(bringing());
        long session = cluster.join(cluster.block());
        List<Effect> done = cluster.finish(session, attempt(0, 0), 0);
        assertThat(only(done, Effect.TakeIn.class)).isEqualTo(new Effect.TakeIn(1, 0, 0, 0));
        assertThat(done).noneMatch(Effect.RunEnded.class::isInstance);
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.RUNNING);
        assertThat(started(cluster.apply(new Event.WorkflowBrought(brought(), 0, 0))))
                .containsExactly(attempt(1, 0));
        assertThat(cluster.apply(new Event.WorkflowBrought(brought(), 0, 0)))
                .as("once more")
                .isEmpty();
        cluster.finish(session, attempt(1, 0), 0);
        cluster.finish(session, attempt(2, 0), 0);
        List<Effect> last = cluster.finish(session, attempt(3, 0), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void whatCannotBeTakenInFailsTheRunWithItsReason() {
        cluster.submit(bringing());
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 0);
        List<Effect> last = cluster.apply(new Event.WorkflowNotBrought(1, 0, 0, "no such file"));
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
        assertThat(all(cluster.changes, Change.RunNoted.class)).containsExactly(new Change.RunNoted(1, "no such file"));
    }

    @Test
    void aFailedAttemptBringsNothing() {
        cluster.submit(bringing());
        long session = cluster.join(cluster.block());
        List<Effect> failed = cluster.finish(session, attempt(0, 0), 1);
        assertThat(failed).noneMatch(Effect.TakeIn.class::isInstance);
        List<Effect> done = cluster.finish(session, attempt(0, 1), 0);
        assertThat(only(done, Effect.TakeIn.class).attempt()).isEqualTo(1);
    }

    @Test
    void aRunThatIsCancelledTakesNothingIn() {
        cluster.submit(bringing());
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 0);
        List<Effect> last = cluster.apply(new Event.RunCancelled(1, "cancel", false));
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.DELETED);
        assertThat(cluster.apply(new Event.WorkflowBrought(brought(), 0, 0))).isEmpty();
    }

    @Test
    void whatEndsWellWhileItsRunIsCancelledBringsWhatItBringsAfterARestart() {
        cluster.submit(bringing());
        long session = cluster.join(cluster.block());
        cluster.start(session, attempt(0, 0));
        cluster.apply(new Event.RunCancelled(1, "cancel", false));
        List<Effect> last = cluster.finish(session, attempt(0, 0), 0);
        assertThat(last).noneMatch(Effect.TakeIn.class::isInstance);
        assertThat(all(cluster.changes, Change.JobEnded.class).getLast().end())
                .as("a success would not be run again")
                .isEqualTo(JobEnd.DELETED);
    }

    @Test
    void whatNeedsTheOneThatBringsWaitsForAllThatItBrings() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(JobTraits.BRINGS, shape(1, 0), "prepare", retries(0), 0);
        builder.add(shape(1, 0), "after", retries(0), 0, 0);
        RunGraph small = graph(builder, 1);
        RunGraphBuilder behind = new RunGraphBuilder(small, Map.of(), 0, 3);
        behind.add(shape(1, 0), "isr", retries(0), 0, 0);
        behind.add(JobTraits.NOOP, shape(1, 0), JobTraits.NOOP_LABEL, retries(0), 0, 2);
        cluster.submit(small);
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 0);
        assertThat(started(cluster.apply(new Event.WorkflowBrought(graph(behind, 1), 0, 0))))
                .containsExactly(attempt(2, 0));
        assertThat(all(cluster.changes, Change.RunGrew.class)).containsExactly(new Change.RunGrew(1, 4, List.of(1)));
        assertThat(started(cluster.finish(session, attempt(2, 0), 0))).containsExactly(attempt(1, 0));
    }

    @Test
    void jobsOfOthersGoOnWhileARunGrows() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(JobTraits.BRINGS, shape(1, 0), "prepare", retries(0), 0);
        builder.add(shape(1, 0), "beside", retries(1), 0);
        builder.add(shape(CORES, 0), "waits", retries(0), 0, 1);
        RunGraph small = graph(builder, 1);
        RunGraphBuilder behind = new RunGraphBuilder(small, Map.of(), 0, 4);
        behind.add(shape(1, 0), "isr", retries(0), 0, 0);
        cluster.submit(small);
        List<Effect> welcome = cluster.hello(cluster.block(), 1, "w", 1, CORES, NEVER, List.of());
        long session = TestCluster.session(welcome);
        cluster.finish(session, attempt(0, 0), 0);
        cluster.finish(session, attempt(1, 0), 1);
        cluster.apply(new Event.WorkflowBrought(graph(behind, 1), 0, 0));
        cluster.finish(session, attempt(3, 0), 0);
        assertThat(started(cluster.finish(session, attempt(1, 1), 0))).containsExactly(attempt(2, 0));
    }
}
