package interchange.core;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The shape of a run, in compact arrays indexed by job; never changed once built, so threads may share it.
 *
 * <p>The cold part of a job (name, command, files) stays in the journal.
 *
 * @param run the run's id
 * @param childOffsets length jobs + 1; the children of job j are {@code children[childOffsets[j] .. childOffsets[j + 1])}
 * @param children compressed sparse rows
 * @param parentCounts how many parents each job has
 * @param shapes index into {@link #shapeTable}
 * @param labels index into {@link #labelTable}
 * @param policies index into {@link #policyTable}
 * @param priorities higher first
 * @param depths the number of jobs on the longest path below, 0 for a sink; longer first among equal priority
 * @param finalJob the job that runs after all others whatever their end, or -1; it has no parents and no children
 */
@SuppressWarnings("ArrayRecordComponent") // hot tables: identity is never compared
public record RunGraph(
        int run,
        int[] childOffsets,
        int[] children,
        int[] parentCounts,
        int[] shapes,
        int[] labels,
        int[] policies,
        int[] priorities,
        int[] depths,
        int finalJob,
        List<Shape> shapeTable,
        List<String> labelTable,
        List<RetryPolicy> policyTable) {

    public static final int NO_FINAL_JOB = -1;

    public RunGraph {
        shapeTable = List.copyOf(shapeTable);
        labelTable = List.copyOf(labelTable);
        policyTable = List.copyOf(policyTable);
    }

    /** How many jobs, the final one included. */
    public int jobs() {
        return parentCounts.length;
    }

    public boolean hasFinalJob() {
        return finalJob != NO_FINAL_JOB;
    }

    public Shape shapeOf(int job) {
        return shapeTable.get(shapes[job]);
    }

    /** Of all its jobs, by index. */
    public Set<Integer> sites() {
        return shapeTable.stream().map(Shape::site).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    public RetryPolicy policyOf(int job) {
        return policyTable.get(policies[job]);
    }
}
