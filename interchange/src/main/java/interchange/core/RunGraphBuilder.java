package interchange.core;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
    private final IntList traits = new IntList();
    private final Map<String, Integer> labelLimits;

    /** @param labels known beforehand, in the order of reports; others follow as they appear */
    public RunGraphBuilder(List<String> labels) {
        this(labels, Map.of());
    }

    /** @param labelLimits so many jobs of a label may run at a time; absent or 0: no limit */
    public RunGraphBuilder(List<String> labels, Map<String, Integer> labelLimits) {
        labels.forEach(labelTable::of);
        this.labelLimits = Map.copyOf(labelLimits);
    }

    /**
     * Goes on behind the jobs of a graph.
     *
     * @param bringer what needs this job of it
     * @param closing needs this one too, which is added later
     */
    public RunGraphBuilder(RunGraph graph, Map<String, Integer> labelLimits, int bringer, int closing) {
        this(graph.labelTable(), labelLimits);
        int[][] parentsOf = parents(graph);
        for (int at = graph.childOffsets()[bringer]; at < graph.childOffsets()[bringer + 1]; at++) {
            int child = graph.children()[at];
            parentsOf[child] = Arrays.copyOf(parentsOf[child], parentsOf[child].length + 1);
            parentsOf[child][parentsOf[child].length - 1] = closing;
        }
        for (int job = 0; job < graph.jobs(); job++) {
            add(
                    graph.traits()[job],
                    graph.shapeOf(job),
                    graph.labelTable().get(graph.labels()[job]),
                    graph.policyOf(job),
                    graph.priorities()[job],
                    parentsOf[job]);
        }
    }

    private static int[][] parents(RunGraph graph) {
        int[][] parents = new int[graph.jobs()][];
        int[] counts = new int[graph.jobs()];
        Arrays.setAll(parents, job -> new int[graph.parentCounts()[job]]);
        for (int job = 0; job < graph.jobs(); job++) {
            for (int at = graph.childOffsets()[job]; at < graph.childOffsets()[job + 1]; at++) {
                int child = graph.children()[at];
                parents[child][counts[child]++] = job;
            }
        }
        return parents;
    }

    /** Labels in the order of reports, where they come after those that are known. */
    public void know(List<String> labels) {
        labels.forEach(labelTable::of);
    }

    /**
     * Adds the next job, which has a command and no traits.
     *
     * @param needs indices of its parents; one named twice counts once
     * @return its index, from 0
     */
    public int add(Shape shape, String label, RetryPolicy policy, int priority, int... needs) {
        return add(JobTraits.NONE, shape, label, policy, priority, needs);
    }

    /**
     * Adds the next job.
     *
     * @param jobTraits bits of {@link JobTraits}
     * @param needs indices of its parents; one named twice counts once
     * @return its index, from 0
     */
    public int add(int jobTraits, Shape shape, String label, RetryPolicy policy, int priority, int... needs) {
        int job = shapes.size();
        traits.add(jobTraits);
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

    /** Adds a job that runs after all that are not final, whatever their end. */
    public int addFinal(Shape shape, String label, RetryPolicy policy, int priority, int... needs) {
        return add(JobTraits.FINAL, shape, label, policy, priority, needs);
    }

    /** How many jobs were added. */
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
     * @throws IllegalStateException when a job needs one that does not exist, or a final one needs one that is not, or
     *     the other way round
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
                traitBytes(),
                finals(),
                labelTable.values().stream()
                        .mapToInt(label -> labelLimits.getOrDefault(label, 0))
                        .toArray(),
                IntStream.range(0, jobs()).anyMatch(job -> JobTraits.has(traits.get(job), JobTraits.JOIN)),
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
        if (isFinal(parent) != isFinal(job)) {
            throw new IllegalStateException("job " + job + " needs job " + parent + ", and only one of them is final");
        }
        return parent;
    }

    private boolean isFinal(int job) {
        return JobTraits.has(traits.get(job), JobTraits.FINAL);
    }

    private byte[] traitBytes() {
        byte[] bytes = new byte[jobs()];
        for (int job = 0; job < bytes.length; job++) {
            bytes[job] = (byte) traits.get(job);
        }
        return bytes;
    }

    private int[] finals() {
        return IntStream.range(0, jobs()).filter(this::isFinal).toArray();
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, -1);
        return array;
    }
}
