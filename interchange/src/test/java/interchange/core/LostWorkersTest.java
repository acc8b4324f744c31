package interchange.core;

import static interchange.core.TestCluster.NEVER;
import static interchange.core.TestCluster.all;
import static interchange.core.TestCluster.graph;
import static interchange.core.TestCluster.independent;
import static interchange.core.TestCluster.only;
import static interchange.core.TestCluster.retries;
import static interchange.core.TestCluster.shape;
import static interchange.core.TestCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Workers and blocks that go away, and whose fault that is. */
class LostWorkersTest {
    private static final int LEASE_SECONDS = 17 * 60;

    private TestCluster cluster = new TestCluster(TestCluster.site(1));

    private static AttemptId attempt(int job, int number) {
        return new AttemptId(1, job, number);
    }

    @Test
    void blockWhoseWorkerIsNotHeardUntilItsLeaseEndedIsCancelledAndAnotherAskedFor() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        cluster.apply(new Event.BlockSubmitted(block.block(), "batch1"));
        cluster.start(cluster.join(block), attempt(0, 0));
        List<Effect> later = cluster.after(Duration.ofSeconds(LEASE_SECONDS));
        assertThat(all(later, Effect.CancelBlocks.class))
                .anySatisfy(cancel -> assertThat(cancel.blocks()).containsExactly(block.block()));
        assertThat(all(later, Effect.SubmitBlock.class))
                .as("while it may still run")
                .isEmpty();
        poll(block, BlockPhase.ENDED);
        Effect.SubmitBlock other = cluster.block();
        assertThat(started(cluster.hello(other, 1, "other", 1, TestCluster.CORES, NEVER, List.of())))
                .containsExactly(attempt(0, 1));
    }

    @Test
    void runningBlockOfWhichNothingIsHeardIsCancelled() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        cluster.apply(new Event.BlockSubmitted(block.block(), "batch1"));
        poll(block, BlockPhase.RUNNING);
        assertThat(all(cluster.after(Duration.ofMinutes(14)), Effect.CancelBlocks.class))
                .isEmpty();
        List<Effect> later = cluster.after(Duration.ofMinutes(2));
        assertThat(all(later, Effect.CancelBlocks.class)).isNotEmpty();
        assertThat(only(later, Effect.Notice.class).text()).contains("none of its workers is heard");
    }

    @Test
    void workersThatEndWithTheirLeaseAreNoFaultOfTheirJobs() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        long session = cluster.join(block);
        for (int start = 2; start < 7; start++) {
            cluster.start(session, attempt(0, start - 2));
            List<Effect> next = cluster.helloAfter(block, start, true);
            assertThat(started(next)).containsExactly(attempt(0, start - 1));
            session = TestCluster.session(next);
        }
    }

    @Test
    void workersThatNobodyHeardInBetweenLeaveUnknownWhyTheFirstDied() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        long session = cluster.join(block);
        for (int start = 3; start < 15; start += 2) {
            cluster.start(session, attempt(0, (start - 3) / 2));
            session = TestCluster.session(cluster.helloAfter(block, start, false));
        }
        assertThat(cluster.endOf(1, 0)).isEmpty();
    }

    @Test
    void preemptionsAndRebootsAreNoFaultOfTheirJobs() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        for (int time = 0; time < 5; time++) {
            cluster.start(cluster.join(block), attempt(0, time));
            poll(block, time == 3 ? BlockPhase.NODE_FAILED : BlockPhase.ENDED);
            // The next is asked for as soon as its job surely runs no more.
            List<Effect> later = cluster.after(Duration.ofSeconds(time == 3 ? LEASE_SECONDS : 32));
            block = only(later, Effect.SubmitBlock.class);
        }
        assertThat(cluster.endOf(1, 0)).isEmpty();
    }

    @Test
    void jobThatThreeBlocksWereTooShortForFailsWithTheNumbers() {
        cluster = new TestCluster(hourly());
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        builder.add(shape(1, 0), "long", retries(0), 0);
        cluster.submit(graph(builder, 1));
        // The second came to be started with a quarter of its block left, which proves nothing.
        int[] minutesLeft = {60, 15, 60, 60};
        Effect.SubmitBlock block = cluster.block();
        for (int time = 0; time < minutesLeft.length; time++) {
            assertThat(cluster.endOf(1, 0)).isEmpty();
            long session = cluster.join(block, 1, TestCluster.CORES, minutesLeft[time] * 60L);
            cluster.start(session, attempt(0, time));
            cluster.jump(Duration.ofMinutes(minutesLeft[time]));
            poll(block, BlockPhase.ENDED);
            List<Effect> later = cluster.after(Duration.ofSeconds(32));
            block = all(later, Effect.SubmitBlock.class).stream().findFirst().orElse(block);
        }
        assertThat(cluster.endOf(1, 0)).contains(JobEnd.FAILED);
        assertThat(cluster.lastOutcome().message()).contains("60 minutes of a block of site 'here'", "longer walltime");
    }

    @Test
    void suspendedBlocksWorkersHaveTheirWholeLeaseWhenItWakes() {
        cluster.submit(independent(1, 1));
        Effect.SubmitBlock block = cluster.block();
        cluster.start(cluster.join(block), attempt(0, 0));
        poll(block, BlockPhase.SUSPENDED);
        cluster.after(Duration.ofHours(3));
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.RUNNING);
        poll(block, BlockPhase.RUNNING);
        cluster.after(Duration.ofSeconds(LEASE_SECONDS - 60));
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.RUNNING);
        cluster.after(Duration.ofSeconds(120));
        assertThat(cluster.state(1, 0)).isEqualTo(JobState.READY);
    }

    @Test
    void manyBlocksAreAskedForByAndBy() {
        cluster = new TestCluster(TestCluster.site(5_000));
        cluster.submit(independent(1, 40_000));
        cluster.heartbeats = true;
        int asked = 0;
        for (int second = 0; second < 3_000 && asked < 5_000; second++) {
            int now = all(cluster.after(Duration.ofSeconds(1)), Effect.SubmitBlock.class)
                    .size();
            assertThat(now).isLessThanOrEqualTo(Elasticity.ASKED_AT_ONCE_MAX);
            asked += now;
        }
        assertThat(asked).isEqualTo(5_000);
    }

    private static Site hourly() {
        Site here = TestCluster.site(1);
        return new Site(
                here.index(),
                here.name(),
                "local",
                here.nodesPerBlock(),
                here.cores(),
                here.memoryMiB(),
                0,
                Duration.ofHours(1),
                here.initBlocks(),
                here.minBlocks(),
                here.maxBlocks(),
                here.parallelism(),
                here.idleTimeout(),
                here.disconnectGrace(),
                here.killGrace(),
                here.drainBefore(),
                here.minRemaining(),
                here.maxBlockFailures(),
                here.pollInterval(),
                0,
                0,
                "");
    }

    private void poll(Effect.SubmitBlock block, BlockPhase phase) {
        cluster.apply(new Event.BlocksPolled("local", 1, Map.of(block.block(), new BlockReport(phase, "", -1))));
    }
}
