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
 * @param traits bits of {@link JobTraits}
 * @param finals the jobs that run after all others, whatever their end; ascending
 * @param labelLimits so many jobs may run at a time, by label; 0: no limit
 * @param hasJoins whether any is a join
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
        byte[] traits,
        int[] finals,
        int[] labelLimits,
        boolean hasJoins,
        List<Shape> shapeTable,
        List<String> labelTable,
        List<RetryPolicy> policyTable) {

    public RunGraph {
        shapeTable = List.copyOf(shapeTable);
        labelTable = List.copyOf(labelTable);
        policyTable = List.copyOf(policyTable);
    }

    /** How many jobs, final ones and no-ops included. */
    public int jobs() {
        return parentCounts.length;
    }

    /** Whether another job needs it. */
    public boolean isNeeded(int job) {
        return childOffsets[job + 1] > childOffsets[job];
    }

    public boolean isFinal(int job) {
        return JobTraits.has(traits[job], JobTraits.FINAL);
    }

    /** Whether it has no command. */
    public boolean isNoop(int job) {
        return JobTraits.has(traits[job], JobTraits.NOOP | JobTraits.JOIN);
    }

    /**
     * Whether its success counts after a restart. Final jobs run again; no-ops pass again, so that what they put in order
     * stays so when some of what they need runs again.
     */
    public boolean outlivesRestart(int job) {
        return !isFinal(job) && !isNoop(job);
    }

    public boolean isJoin(int job) {
        return JobTraits.has(traits[job], JobTraits.JOIN);
    }

    /** Whether its success makes the run larger. */
    public boolean brings(int job) {
        return JobTraits.has(traits[job], JobTraits.BRINGS);
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
