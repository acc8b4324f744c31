package interchange.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunGraphBuilderTest {
    private static final Shape SMALL = new Shape(0, 1, 512, 0, false);
    private static final Shape LARGE = new Shape(0, 8, 4096, 60, false);
    private static final RetryPolicy ONCE = new RetryPolicy(0, Set.of());

    @Test
    void aDiamondHasItsChildrenParentCountsAndDepths() throws CycleException {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        add(builder);
        add(builder, 0);
        add(builder, 0);
        add(builder, 1, 2);

        RunGraph graph = builder.build(7);

        assertThat(graph.run()).isEqualTo(7);
        assertThat(graph.childOffsets()).containsExactly(0, 2, 3, 4, 4);
        assertThat(graph.children()).containsExactly(1, 2, 3, 3);
        assertThat(graph.parentCounts()).containsExactly(0, 1, 1, 2);
        assertThat(graph.depths()).containsExactly(2, 1, 1, 0);
        assertThat(graph.finals()).isEmpty();
    }

    @Test
    void aParentMayBeAddedAfterItsChild() throws CycleException {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        add(builder, 1);
        add(builder);

        RunGraph graph = builder.build(1);

        assertThat(graph.children()).containsExactly(0);
        assertThat(graph.depths()).containsExactly(0, 1);
    }

    @Test
    void aParentNamedTwiceCountsOnce() throws CycleException {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        add(builder);
        add(builder);
        add(builder, 0, 1, 0, 0);

        RunGraph graph = builder.build(1);

        assertThat(graph.parentCounts()).containsExactly(0, 0, 2);
        assertThat(graph.children()).containsExactly(2, 2);
        assertThat(graph.depths()).containsExactly(1, 1, 0);
    }

    @Test
    void equalShapesLabelsAndPoliciesShareOneEntry() throws CycleException {
        RunGraphBuilder builder = new RunGraphBuilder(List.of("isr", "calibrate"));
        builder.add(SMALL, "calibrate", ONCE, 3);
        builder.add(LARGE, "coadd", new RetryPolicy(5, Set.of(1, 2)), 0);
        builder.add(new Shape(0, 1, 512, 0, false), "isr", new RetryPolicy(0, Set.of()), 0);

        RunGraph graph = builder.build(1);

        assertThat(graph.labelTable()).containsExactly("isr", "calibrate", "coadd");
        assertThat(graph.labels()).containsExactly(1, 2, 0);
        assertThat(graph.shapes()).containsExactly(0, 1, 0);
        assertThat(graph.policies()).containsExactly(0, 1, 0);
        assertThat(graph.priorities()).containsExactly(3, 0, 0);
        assertThat(graph.shapeOf(1)).isEqualTo(LARGE);
    }

    @Test
    void finalJobsNeedOnlyOneAnother() throws CycleException {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        add(builder);
        int first = builder.addFinal(SMALL, "finalJob", ONCE, 0);
        int second = builder.addFinal(SMALL, "finalJob", ONCE, 0, first);

        assertThat(builder.build(1).finals()).containsExactly(first, second);
        builder.addFinal(SMALL, "finalJob", ONCE, 0, 0);
        assertThatThrownBy(() -> builder.build(1)).hasMessage("job 3 needs job 0, and only one of them is final");
    }

    @Test
    void jobsMayComeBehindThoseOfAGraph() throws CycleException {
        RunGraphBuilder builder = new RunGraphBuilder(List.of("isr"), Map.of("isr", 3));
        add(builder);
        builder.add(JobTraits.JOIN, LARGE, JobTraits.NOOP_LABEL, ONCE, 0, 0);
        RunGraph small = builder.build(7);

        RunGraphBuilder behind = new RunGraphBuilder(small, Map.of("isr", 3, "new", 5), 1, 2);
        behind.know(List.of("new"));
        behind.add(SMALL, "new", ONCE, 1, 1);
        RunGraph larger = behind.build(7);

        assertThat(larger.jobs()).isEqualTo(3);
        assertThat(larger.parentCounts()).containsExactly(0, 1, 1);
        assertThat(larger.isJoin(1)).isTrue();
        assertThat(larger.shapeOf(1)).isEqualTo(LARGE);
        assertThat(larger.labelTable().subList(0, small.labelTable().size())).isEqualTo(small.labelTable());
        assertThat(larger.labelLimits()).containsExactly(3, 0, 0, 5);
        assertThat(larger.depths()).containsExactly(2, 1, 0);
    }

    @Test
    void aJobThatNeedsTheFinalOneOrNoneThatExistsIsNamed() {
        RunGraphBuilder needsFinal = new RunGraphBuilder(List.of());
        int last = needsFinal.addFinal(SMALL, "finalJob", ONCE, 0);
        add(needsFinal, last);
        RunGraphBuilder needsNobody = new RunGraphBuilder(List.of());
        add(needsNobody, 9);

        assertThatThrownBy(() -> needsFinal.build(1)).hasMessage("job 1 needs job 0, and only one of them is final");
        assertThatThrownBy(() -> needsNobody.build(1)).hasMessage("job 0 needs job 9 of 1");
    }

    @Test
    void aCircleIsNamedWithoutWhatHangsOnIt() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        add(builder); // above the circle 1, 2, 3; job 4 is below it, job 5 beside it
        add(builder, 0, 3);
        add(builder, 1);
        add(builder, 2);
        add(builder, 3);
        add(builder);

        CycleException cycle = catchThrowableOfType(CycleException.class, () -> builder.build(1));

        assertThat(cycle.jobs()).containsExactly(1, 2, 3);
    }

    @Test
    void aJobThatNeedsItselfIsACircleOfOne() {
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        add(builder, 0);

        assertThat(catchThrowableOfType(CycleException.class, () -> builder.build(1))
                        .jobs())
                .containsExactly(0);
    }

    @Test
    void depthsOfRandomGraphsAreThoseOfTheLongestPath() throws CycleException {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            int jobs = 1 + random.nextInt(60);
            RunGraphBuilder builder = new RunGraphBuilder(List.of());
            int[][] parents = new int[jobs][];
            for (int job = 0; job < jobs; job++) {
                int bound = job;
                parents[job] = job == 0
                        ? new int[0]
                        : random.ints(random.nextInt(4), 0, bound).toArray();
                add(builder, parents[job]);
            }
            assertThat(builder.build(1).depths()).as("seed %d", seed).containsExactly(longestPaths(parents));
        }
    }

    /** Parents come before children here, so one pass from the end is enough. */
    private static int[] longestPaths(int[][] parents) {
        int[] depths = new int[parents.length];
        for (int job = parents.length - 1; job >= 0; job--) {
            for (int parent : Arrays.copyOf(parents[job], parents[job].length)) {
                depths[parent] = Math.max(depths[parent], depths[job] + 1);
            }
        }
        return depths;
    }

    private static void add(RunGraphBuilder builder, int... needs) {
        builder.add(SMALL, "label", ONCE, 0, needs);
    }
}
