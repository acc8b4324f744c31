package interchange.core;

import static interchange.core.TestCluster.NEVER;
import static interchange.core.TestCluster.all;
import static interchange.core.TestCluster.graph;
import static interchange.core.TestCluster.independent;
import static interchange.core.TestCluster.only;
import static interchange.core.TestCluster.retries;
import static interchange.core.TestCluster.session;
import static interchange.core.TestCluster.shape;
import static interchange.core.TestCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final TestCluster cluster = new TestCluster(TestCluster.site(1));

    private static AttemptId attempt(int job, int number) {
        return new AttemptId(1, job, number);
    }

    @Test
    void jobsStartWhenAllThatTheyNeedHasSucceeded() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "a", retries(0), 0);
        builder.add(shape(1, 0), "a", retries(0), 0);
        builder.add(shape(1, 0), "b", retries(0), 0, 0, 1);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        assertThat(cluster.finish(session, attempt(0, 0), 0)).noneMatch(Effect.Start.class::isInstance);
        assertThat(started(cluster.finish(session, attempt(1, 0), 0))).containsExactly(attempt(2, 0));
        List<Effect> last = cluster.finish(session, attempt(2, 0), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void higherPriorityThenLongerPathsGoFirst() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(TestCluster.CORES, 0), "sink", retries(0), 0);
        builder.add(shape(TestCluster.CORES, 0), "deep", retries(0), 0);
        builder.add(shape(TestCluster.CORES, 0), "below", retries(0), 0, 1);
        builder.add(shape(TestCluster.CORES, 0), "urgent", retries(0), 7);
        cluster.submit(graph(builder, 1));
        Effect.SubmitBlock block = cluster.block();
        List<Effect> welcome = cluster.hello(block, 1, "w", 1, TestCluster.CORES, NEVER, List.of());
        long session = session(welcome);
        assertThat(started(welcome)).containsExactly(attempt(3, 0));
        assertThat(started(cluster.finish(session, attempt(3, 0), 0))).containsExactly(attempt(1, 0));
    }

    @Test
    void aLargeRunIsPrunedAndCancelledLittleByLittle() {
        int jobs = 10 * JobFlow.SWEEP;
        cluster.submit(fan(1, jobs));
        cluster.submit(fan(2, jobs));
        cluster.submit(fan(3, jobs));
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 1);
        cluster.apply(new Event.RunCancelled(2, "one", true));
        cluster.apply(new Event.RunCancelled(3, "two", true));
        assertThat(TestCluster.all(cluster.changes, Change.JobEnded.class)).hasSizeGreaterThanOrEqualTo(jobs);
        assertThat(cluster.mostChangesAtOnce).isLessThan(2 * JobFlow.SWEEP);
        assertThat(TestCluster.all(cluster.effects, Effect.RunEnded.class)
                        .getFirst()
                        .state())
                .isEqualTo(RunState.FAILED);
    }

    /** One job, and all others need it. */
    private static RunGraph fan(int run, int jobs) {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(TestCluster.CORES, 0), "a", retries(0), 0);
        for (int job = 1; job < jobs; job++) {
            builder.add(shape(1, 0), "b", retries(0), 0, 0);
        }
        return graph(builder, run);
    }

    @Test
    void failedJobIsTriedAgainUntilItsRetriesAreSpent() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "a", retries(1), 0);
        builder.add(shape(1, 0), "b", retries(0), 0, 0);
        builder.add(shape(1, 0), "c", retries(0), 0, 1);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        assertThat(started(cluster.finish(session, attempt(0, 0), 3))).containsExactly(attempt(0, 1));
        List<Effect> last = cluster.finish(session, attempt(0, 1), 3);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
        assertThat(cluster.endOf(1, 1)).contains(JobEnd.PRUNED);
        assertThat(cluster.endOf(1, 2)).contains(JobEnd.PRUNED);
    }

    @Test
    void exitCodeThatIsFinalIsNotTriedAgainButASignalIs() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "a", retries(5, 1, 2), 0);
        builder.add(shape(1, 0), "a", retries(5, 1, 2), 0);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 1);
        assertThat(cluster.endOf(1, 0)).contains(JobEnd.FAILED);
        List<Effect> again = cluster.apply(
                new Event.AttemptFinished(session, attempt(1, 0), cluster.outcome(Outcome.Cause.ENDED, 1, 11)));
        assertThat(started(again)).containsExactly(attempt(1, 1));
    }

    @Test
    void resultThatComesTwiceCountsOnceAndIsAcknowledgedTwice() {
        cluster.submit(independent(1, 2));
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 0);
        int changes = cluster.changes.size();
        List<Effect> again = cluster.finish(session, attempt(0, 0), 0);
        assertThat(cluster.changes).hasSize(changes);
        assertThat(only(again, Effect.Acknowledge.class).attempts()).containsExactly(attempt(0, 0));
    }

    @Test
    void messagesOfAnotherSessionAreDropped() {
        cluster.submit(independent(1, 1));
        long session = cluster.join(cluster.block());
        assertThat(cluster.finish(session + 1, attempt(0, 0), 0)).isEmpty();
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.PENDING);
    }

    @Test
    void lostWorkersAttemptIsRunAgainWithoutSpendingARetryWhenItsLeaseIsSurelyOver() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        long session = cluster.join(block);
        cluster.start(session, attempt(0, 0));
        List<Effect> before = cluster.after(Duration.ofMinutes(16));
        assertThat(all(before, Effect.SubmitBlock.class)).isEmpty();
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.RUNNING);
        cluster.after(Duration.ofMinutes(1));
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.READY);
    }

    @Test
    void keepersWordThatAWorkerIsDeadIsEnoughAtOnce() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        long session = cluster.join(block);
        cluster.start(session, attempt(0, 0));
        List<Effect> second = cluster.hello(block, 2, "w2", 1, TestCluster.CORES, NEVER, List.of());
        assertThat(started(second)).containsExactly(attempt(0, 1));
    }

    @Test
    void secondIncarnationOfOneStartGetsNothing() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        cluster.join(block);
        List<Effect> twin = cluster.hello(block, 1, "twin", 1, TestCluster.CORES, NEVER, List.of());
        assertThat(only(twin, Effect.Refuse.class).tryAgain()).isTrue();
        List<Effect> late = cluster.hello(block, 2, "w2", 1, TestCluster.CORES, NEVER, List.of());
        assertThat(all(late, Effect.Welcome.class)).hasSize(1);
        List<Effect> stale = cluster.hello(block, 1, "w1", 2, TestCluster.CORES, NEVER, List.of());
        assertThat(only(stale, Effect.Refuse.class).tryAgain()).isFalse();
    }

    @Test
    void repeatedHelloChangesNothing() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        cluster.join(block);
        int changes = cluster.changes.size();
        assertThat(cluster.hello(block, 1, "w1", 1, TestCluster.CORES, NEVER, List.of()))
                .isEmpty();
        assertThat(cluster.changes).hasSize(changes);
    }

    @Test
    void reconnectedWorkerKeepsWhatItRunsAndIsSentAgainWhatItNeverGot() {
        cluster.submit(independent(1, 2));
        Effect.SubmitBlock block = cluster.block();
        cluster.join(block);
        List<Effect> again = cluster.hello(
                block,
                1,
                "w1",
                2,
                TestCluster.CORES,
                NEVER,
                List.of(
                        new Hello.Held(attempt(0, 0), 5, Optional.empty()),
                        new Hello.Held(new AttemptId(1, 7, 0), 5, Optional.empty())));
        assertThat(started(again)).containsExactly(attempt(1, 0));
        assertThat(only(again, Effect.Welcome.class).kill()).containsExactly(new AttemptId(1, 7, 0));
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.RUNNING);
    }

    @Test
    void jobThatKillsItsWorkersIsRunAloneAndThenFails() {
        cluster.submit(independent(1, 3));
        Effect.SubmitBlock block = cluster.block();
        long session = cluster.join(block);
        cluster.start(session, attempt(0, 0));
        cluster.join(block, 2, TestCluster.CORES, NEVER);
        long third = secondDeath(block);
        // Jobs 1 and 2 are given at once; job 0 waits until nothing else runs.
        cluster.finish(third, attempt(1, 2), 0);
        List<Effect> alone = cluster.finish(third, attempt(2, 2), 0);
        assertThat(started(alone)).containsExactly(attempt(0, 2));
        cluster.start(third, attempt(0, 2));
        cluster.join(block, 4, TestCluster.CORES, NEVER);
        assertThat(cluster.endOf(1, 0)).contains(JobEnd.FAILED);
    }

    private long secondDeath(Effect.SubmitBlock block) {
        long second =
                cluster.scheduler.cluster(cluster.now()).workers().getFirst().worker();
        assertThat(second).isEqualTo(2);
        // The session of the second worker is the one that its attempts were sent to last.
        long session = all(cluster.effects, Effect.Welcome.class).getLast().session();
        cluster.start(session, attempt(0, 1));
        return cluster.join(block, 3, TestCluster.CORES, NEVER);
    }

    @Test
    void finalJobRunsAfterAllOthersWhateverTheirEnd() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "a", retries(0), 0);
        builder.add(shape(1, 0), "b", retries(0), 0, 0);
        builder.addFinal(shape(1, 0), "final", retries(0), 0);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        assertThat(started(cluster.finish(session, attempt(0, 0), 1))).containsExactly(attempt(2, 0));
        List<Effect> last = cluster.finish(session, attempt(2, 0), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void cancelKillsWhatRunsThenRunsTheFinalJobAndASecondOneEndsThatToo() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "a", retries(3), 0);
        builder.add(shape(1, 0), "b", retries(3), 0, 0);
        builder.addFinal(shape(1, 0), "final", retries(0), 0);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        List<Effect> cancelled = cluster.apply(new Event.RunCancelled(1, "first", false));
        assertThat(only(cancelled, Effect.Kill.class).attempts()).containsExactly(attempt(0, 0));
        List<Effect> killed = cluster.apply(
                new Event.AttemptFinished(session, attempt(0, 0), cluster.outcome(Outcome.Cause.KILLED, 0, 15)));
        assertThat(started(killed)).containsExactly(attempt(2, 0));
        assertThat(cluster.apply(new Event.RunCancelled(1, "first", false))).isEmpty();
        List<Effect> second = cluster.apply(new Event.RunCancelled(1, "second", false));
        assertThat(only(second, Effect.Kill.class).attempts()).containsExactly(attempt(2, 0));
        List<Effect> last = cluster.apply(
                new Event.AttemptFinished(session, attempt(2, 0), cluster.outcome(Outcome.Cause.KILLED, 0, 15)));
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.DELETED);
    }

    @Test
    void bigJobIsNotStarvedBySmallOnes() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "small", retries(0), 5);
        for (int job = 1; job < 200; job++) {
            builder.add(shape(1, 0), "small", retries(0), 5);
        }
        builder.add(shape(TestCluster.CORES, 0), "big", retries(0), 9);
        cluster.submit(graph(builder, 1));
        // Small ones run when the big one, of higher priority, comes to be ready: a worker is never empty by itself.
        Effect.SubmitBlock block = cluster.block();
        List<Effect> welcome = cluster.hello(block, 1, "w", 1, TestCluster.CORES, NEVER, List.of());
        assertThat(started(welcome)).containsExactly(attempt(200, 0));
    }

    @Test
    void workerIsKeptFreeForAJobThatWasPassedOverTooLong() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        for (int job = 0; job < 400; job++) {
            builder.add(shape(1, 0), "small", retries(0), 0);
        }
        builder.add(shape(TestCluster.CORES, 0), "big", retries(0), 9, 0);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        for (int job = 0; job < TestCluster.CORES; job++) {
            cluster.start(session, attempt(job, 0));
        }
        assertThat(started(cluster.finish(session, attempt(0, 0), 0))).isNotEmpty();
        cluster.apply(new Event.HeartbeatHeard(session, 1));
        cluster.after(Duration.ofSeconds(20));
        cluster.apply(new Event.HeartbeatHeard(session, 2));
        cluster.after(Duration.ofSeconds(20));
        cluster.apply(new Event.HeartbeatHeard(session, 3));
        cluster.after(Duration.ofSeconds(25));
        cluster.apply(new Event.HeartbeatHeard(session, 4));
        // From now on room stays empty, until there is enough of it.
        List<AttemptId> given = new java.util.ArrayList<>();
        for (int job = 1; job < 400 && !given.contains(attempt(400, 0)); job++) {
            given.addAll(started(cluster.finish(session, attempt(job, 0), 0)));
        }
        assertThat(given).contains(attempt(400, 0));
        assertThat(given.indexOf(attempt(400, 0)))
                .as("jobs given before the big one")
                .isLessThan(5);
    }

    @Test
    void shortJobsAreGivenAheadAndTakenBackWhereAnotherWorkerIsIdle() {
        TestCluster two = new TestCluster(TestCluster.site(2));
        two.submit(independent(1, 40));
        List<Effect.SubmitBlock> blocks = all(two.after(Duration.ofSeconds(1)), Effect.SubmitBlock.class);
        assertThat(blocks).hasSize(2);
        long first = two.join(blocks.getFirst());
        List<AttemptId> ahead = started(two.finish(first, attempt(0, 0), 0));
        assertThat(ahead).as("given when one short job had ended").hasSizeGreaterThan(1);
        // The second worker takes what is left, ends it, and is idle while the first has some waiting.
        List<Effect> welcome = two.hello(blocks.getLast(), 1, "second", 1, TestCluster.CORES, NEVER, List.of());
        long second = session(welcome);
        List<AttemptId> mine = new java.util.ArrayList<>(started(welcome));
        for (int i = 0; i < mine.size(); i++) {
            two.start(second, mine.get(i));
            mine.addAll(started(two.finish(second, mine.get(i), 0)));
        }
        two.apply(new Event.HeartbeatHeard(first, 1));
        List<Effect> later = two.after(Duration.ofSeconds(2));
        assertThat(all(later, Effect.Retract.class)).isNotEmpty();
        AttemptId back = all(later, Effect.Retract.class).getFirst().attempts().getFirst();
        List<Effect> moved = two.apply(new Event.AttemptRetracted(first, back));
        assertThat(started(moved)).contains(new AttemptId(1, back.job(), back.number() + 1));
    }

    @Test
    void siteIsBrokenAfterFailuresInARowAndWholeAgainWhenItsUserSaysSo() {
        cluster.submit(independent(1, 1));
        for (int failure = 0; failure < 5; failure++) {
            Effect.SubmitBlock block = only(cluster.after(Duration.ofMinutes(16)), Effect.SubmitBlock.class);
            cluster.apply(new Event.BlockRefused(block.block(), "invalid partition", true));
        }
        assertThat(cluster.after(Duration.ofHours(5))).noneMatch(Effect.SubmitBlock.class::isInstance);
        assertThat(cluster.scheduler.explain(1, 0, cluster.now())).anyMatch(text -> text.contains("invalid partition"));
        cluster.apply(new Event.SiteResumed(1));
        cluster.block();
    }

    @Test
    void idleBlockIsLetGoAfterItsTimeAndNoOtherIsAskedFor() {
        cluster.submit(independent(1, 1));
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0, 0), 0);
        assertThat(cluster.after(Duration.ofSeconds(100))).noneMatch(Effect.DrainWorker.class::isInstance);
        List<Effect> later = cluster.after(Duration.ofSeconds(40));
        assertThat(only(later, Effect.DrainWorker.class).session()).isEqualTo(session);
        assertThat(later).noneMatch(Effect.SubmitBlock.class::isInstance);
    }

    @Test
    void restartRunsOnlyWhatHasNotSucceededAndTheFinalJobAgain() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "a", retries(0), 0);
        builder.add(shape(1, 0), "b", retries(0), 0, 0);
        builder.addFinal(shape(1, 0), "final", retries(0), 0);
        RunGraph graph = graph(builder, 1);
        byte[] ends = {(byte) JobEnd.SUCCEEDED.code(), (byte) JobEnd.FAILED.code(), (byte) JobEnd.SUCCEEDED.code()};
        int[] none = new int[3];
        Recovered.RunRecord record = new Recovered.RunRecord(
                graph,
                RunState.FAILED,
                0,
                "",
                false,
                -1,
                0,
                "",
                Map.of(),
                ends,
                new int[] {1, 1, 1},
                none,
                none,
                none,
                List.of());
        cluster.apply(new Event.RunRestarted(record, "again"));
        List<Effect> welcome = cluster.hello(cluster.block(), 1, "w", 1, TestCluster.CORES, NEVER, List.of());
        assertThat(started(welcome)).containsExactly(attempt(1, 1));
        assertThat(started(cluster.finish(session(welcome), attempt(1, 1), 0))).containsExactly(attempt(2, 1));
    }

    @Test
    void jobWithAWalltimeStartsOnlyWhereItWouldEndInTime() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(new Shape(1, 1, 0, 3_600, false), "long", retries(0), 0);
        cluster.submit(graph(builder, 1));
        Effect.SubmitBlock block = cluster.block();
        List<Effect> welcome = cluster.hello(block, 1, "w", 1, TestCluster.CORES, 3_599, List.of());
        assertThat(started(welcome)).isEmpty();
        assertThat(cluster.scheduler.explain(1, 0, cluster.now())).anyMatch(text -> text.contains("ends in 3599 s"));
    }
}
