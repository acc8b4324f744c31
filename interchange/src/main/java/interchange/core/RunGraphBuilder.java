package interchange.core;

import java.util.Arrays;
import java.util.List;

/**
 * Makes a {@link RunGraph} from jobs in the order of their indices; a job may need one that is added after it.
 *
 * <p>Loader and recovery share it, so that a run is the same before and after a restart.
 */
public final class RunGraphBuilder {
    private final Numbering<Shape> shapeTable = new Numbering<>();
    private final Numbering<String> labelTable = new Numbering<>();
    private final Numbering<RetryPolicy> policyTable = new Numbering<>();

    private final IntList shapes = new IntList();
    private final IntList labels = new IntList();
    private final IntList policies = new IntList();
    private final IntList priorities = new IntList();
    /** Where the parents of each job begin in {@link #parents}; the end of the last is its size. */
    private final IntList parentOffsets = new IntList();

    private final IntList parents = new IntList();
    private int finalJob = RunGraph.NO_FINAL_JOB;

    /** @param labels known beforehand, in the order of reports; others follow as they appear */
    public RunGraphBuilder(List<String> labels) {
        labels.forEach(labelTable::of);
    }

    /**
     * Adds the next job.
     *
     * @param needs indices of its parents; one named twice counts once
     * @return its index, from 0
     */
    public int add(Shape shape, String label, RetryPolicy policy, int priority, int... needs) {
        int job = shapes.size();
        shapes.add(shapeTable.of(shape));
        labels.add(labelTable.of(label));
        policies.add(policyTable.of(policy));
        priorities.add(priority);
        parentOffsets.add(parents.size());
        for (int parent : needs) {
            parents.add(parent);
        }
        return job;
    }

    /** Adds the job that runs after all others, whatever their end. */
    public int addFinal(Shape shape, String label, RetryPolicy policy, int priority) {
        if (finalJob != RunGraph.NO_FINAL_JOB) {
            throw new IllegalStateException("jobs " + finalJob + " and " + shapes.size() + " are both the final job");
        }
        finalJob = add(shape, label, policy, priority);
        return finalJob;
    }

    /** How many jobs were added, the final one included. */
    public int jobs() {
        return shapes.size();
    }

    /** Labels in the order of reports, those that appeared included. */
    public List<String> labels() {
        return List.copyOf(labelTable.values());
    }

    /**
     * The graph of all jobs that were added.
     *
     * @throws CycleException when some could never run
     * @throws IllegalStateException when a job needs one that does not exist, or the final one
     */
    public RunGraph build(int run) throws CycleException {
        int[] parentCounts = new int[jobs()];
        int[] childOffsets = countEdges(parentCounts);
        int[] children = fillChildren(childOffsets);
        return new RunGraph(
                run,
                childOffsets,
                children,
                parentCounts,
                shapes.toArray(),
                labels.toArray(),
                policies.toArray(),
                priorities.toArray(),
                depths(childOffsets, children),
                finalJob,
                shapeTable.values(),
                labelTable.values(),
                policyTable.values());
    }

    /** Fills parentCounts; returns where the children of each job begin. */
    private int[] countEdges(int[] parentCounts) {
        int jobs = jobs();
        int[] offsets = new int[jobs + 1];
        int[] lastChild = filled(jobs);
        for (int job = 0; job < jobs; job++) {
            for (int i = parentOffsets.get(job); i < parentsEnd(job); i++) {
                int parent = checkedParent(job, parents.get(i));
                if (lastChild[parent] != job) {
                    lastChild[parent] = job;
                    parentCounts[job]++;
                    offsets[parent + 1]++;
                }
            }
        }
        for (int job = 0; job < jobs; job++) {
            offsets[job + 1] += offsets[job];
        }
        return offsets;
    }

    private int[] fillChildren(int[] childOffsets) {
        int jobs = jobs();
        int[] children = new int[childOffsets[jobs]];
        int[] next = Arrays.copyOf(childOffsets, jobs);
        int[] lastChild = filled(jobs);
        for (int job = 0; job < jobs; job++) {
            for (int i = parentOffsets.get(job); i < parentsEnd(job); i++) {
                int parent = parents.get(i);
                if (lastChild[parent] != job) {
                    lastChild[parent] = job;
                    children[next[parent]++] = job;
                }
            }
        }
        return children;
    }

    /** Peels sinks off; what can't be peeled is a circle or above one. */
    private int[] depths(int[] childOffsets, int[] children) throws CycleException {
        int jobs = jobs();
        int[] depths = new int[jobs];
        int[] waitsFor = new int[jobs];
        int[] peeled = new int[jobs];
        int peeledCount = 0;
        for (int job = 0; job < jobs; job++) {
            waitsFor[job] = childOffsets[job + 1] - childOffsets[job];
            if (waitsFor[job] == 0) {
                peeled[peeledCount++] = job;
            }
        }
        int[] lastChild = filled(jobs);
        for (int at = 0; at < peeledCount; at++) {
            int job = peeled[at];
            for (int i = parentOffsets.get(job); i < parentsEnd(job); i++) {
                int parent = parents.get(i);
                if (lastChild[parent] == job) {
                    continue;
                }
                lastChild[parent] = job;
                depths[parent] = Math.max(depths[parent], depths[job] + 1);
                if (--waitsFor[parent] == 0) {
                    peeled[peeledCount++] = parent;
                }
            }
        }
        if (peeledCount < jobs) {
            throw new CycleException(GraphCycles.oneAmong(waitsFor, childOffsets, children));
        }
        return depths;
    }

    private int parentsEnd(int job) {
        return job + 1 < jobs() ? parentOffsets.get(job + 1) : parents.size();
    }

    private int checkedParent(int job, int parent) {
        if (parent < 0 || parent >= jobs()) {
            throw new IllegalStateException("job " + job + " needs job " + parent + " of " + jobs());
        }
        if (parent == finalJob) {
            throw new IllegalStateException("job " + job + " needs the final job " + parent);
        }
        return parent;
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, -1);
        return array;
    }
}
