package interchange.core;

import static interchange.core.TestCluster.graph;
import static interchange.core.TestCluster.only;
import static interchange.core.TestCluster.retries;
import static interchange.core.TestCluster.shape;
import static interchange.core.TestCluster.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** No-ops and joins: how groups of jobs are put in order. */
class GroupsTest {
    private final TestCluster cluster = new TestCluster(TestCluster.site(1));

    private static AttemptId attempt(int job) {
        return new AttemptId(1, job, 0);
    }

    private static int job(RunGraphBuilder builder, int... needs) {
        return builder.add(JobTraits.NONE, shape(1, 0), "label", retries(0), 0, needs);
    }

    private static int noop(RunGraphBuilder builder, int traits, int... needs) {
        return builder.add(traits, shape(1, 0), JobTraits.NOOP_LABEL, retries(0), 0, needs);
    }

    /** Jobs 1 and 2 of a first group, then 6 of the next one, and 7, which needs all of the first. */
    private static RunGraph twoGroups() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        noop(builder, JobTraits.NOOP);
        job(builder, 0);
        job(builder, 1);
        noop(builder, JobTraits.NOOP, 2);
        noop(builder, JobTraits.JOIN, 1, 2);
        noop(builder, JobTraits.NOOP, 4);
        job(builder, 5);
        job(builder, 3);
        return graph(builder, 1);
    }

    @Test
    void noOpsPassWithoutAttempts() {
        cluster.submit(twoGroups());
        long session = cluster.join(cluster.block());
        assertThat(cluster.endOf(1, 0)).contains(JobEnd.SUCCEEDED);
        cluster.finish(session, attempt(1), 0);
        assertThat(started(cluster.finish(session, attempt(2), 0))).containsExactlyInAnyOrder(attempt(6), attempt(7));
        assertThat(TestCluster.all(cluster.changes, Change.AttemptAssigned.class))
                .hasSize(4);
        cluster.finish(session, attempt(6), 0);
        List<Effect> last = cluster.finish(session, attempt(7), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void afterAFailedGroupTheNextOneRunsAndWhatNeedsAllOfItIsPruned() {
        cluster.submit(twoGroups());
        long session = cluster.join(cluster.block());
        assertThat(started(cluster.finish(session, attempt(1), 1))).containsExactly(attempt(6));
        assertThat(cluster.endOf(1, 2)).contains(JobEnd.PRUNED);
        assertThat(cluster.endOf(1, 3)).contains(JobEnd.PRUNED);
        assertThat(cluster.endOf(1, 7)).contains(JobEnd.PRUNED);
        List<Effect> last = cluster.finish(session, attempt(6), 0);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void aGroupThatNeverBeganLetsNoOtherBegin() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        job(builder);
        noop(builder, JobTraits.NOOP, 0);
        job(builder, 1);
        noop(builder, JobTraits.JOIN, 2);
        job(builder, 3);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        List<Effect> last = cluster.finish(session, attempt(0), 1);
        assertThat(only(last, Effect.RunEnded.class).state()).isEqualTo(RunState.FAILED);
        assertThat(cluster.endOf(1, 3)).contains(JobEnd.PRUNED);
        assertThat(cluster.endOf(1, 4)).contains(JobEnd.PRUNED);
    }

    @Test
    void aJoinWaitsForAllThatStillRuns() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        job(builder);
        job(builder);
        noop(builder, JobTraits.JOIN, 0, 1);
        job(builder, 2);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        assertThat(started(cluster.finish(session, attempt(0), 1))).isEmpty();
        assertThat(started(cluster.finish(session, attempt(1), 0))).containsExactly(attempt(3));
    }

    @Test
    void aLongChainOfNoOpsIsPassedLittleByLittle() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        int last = job(builder);
        int length = 20 * JobFlow.SWEEP;
        for (int i = 0; i < length; i++) {
            last = noop(builder, i % 2 == 0 ? JobTraits.NOOP : JobTraits.JOIN, last);
        }
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        cluster.finish(session, attempt(0), 0);
        assertThat(cluster.endOf(1, last)).contains(JobEnd.SUCCEEDED);
        assertThat(cluster.mostChangesAtOnce).isLessThan(2 * JobFlow.SWEEP);
    }

    @Test
    void finalJobsRunInTheirOwnOrderAfterAllOthers() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        job(builder);
        builder.addFinal(shape(1, 0), "final", retries(0), 0);
        builder.add(JobTraits.FINAL | JobTraits.NOOP, shape(1, 0), JobTraits.NOOP_LABEL, retries(0), 0, 1);
        builder.addFinal(shape(1, 0), "final", retries(0), 0, 2);
        cluster.submit(graph(builder, 1));
        long session = cluster.join(cluster.block());
        assertThat(started(cluster.finish(session, attempt(0), 1))).containsExactly(attempt(1));
        assertThat(started(cluster.finish(session, attempt(1), 0))).containsExactly(attempt(3));
        List<Effect> last = cluster.finish(session, attempt(3), 0);
        assertThat(only(last, Effect.RunEnded.class).state())
                .as("the success of a final job hides no failure")
                .isEqualTo(RunState.FAILED);
    }

    @Test
    void afterARestartAGroupStillComesAfterTheOneBeforeIt() {
        RunGraph graph = twoGroups();
        byte[] ends = new byte[graph.jobs()];
        for (int job : List.of(0, 4, 5)) {
            ends[job] = (byte) JobEnd.SUCCEEDED.code();
        }
        for (int job : List.of(1, 6)) {
            ends[job] = (byte) JobEnd.FAILED.code();
        }
        int[] none = new int[graph.jobs()];
        Recovered.RunRecord record = new Recovered.RunRecord(
                graph, RunState.FAILED, 0, "", false, -1, 0, "", Map.of(), ends, none, none, none, none, List.of());
        cluster.apply(new Event.RunRestarted(record, "again"));
        List<Effect> welcome =
                cluster.hello(cluster.block(), 1, "w", 1, TestCluster.CORES, TestCluster.NEVER, List.of());
        assertThat(started(welcome)).containsExactly(attempt(1));
    }
}
