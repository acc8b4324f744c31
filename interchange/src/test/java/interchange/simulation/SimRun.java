package interchange.simulation;

import interchange.core.CycleException;
import interchange.core.JobId;
import interchange.core.RetryPolicy;
import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.core.Shape;
import interchange.core.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** A run of a random graph, with what its jobs do. */
final class SimRun {
    private static final int MOST_JOBS = 30;
    private static final int LONGEST_JOB_MILLIS = 240_000;
    private static final int MOST_RETRIES = 3;

    final RunGraph graph;
    final List<SimJob> jobs = new ArrayList<>();
    private final List<Set<Integer>> parents = new ArrayList<>();

    private SimRun(RunGraph graph) {
        this.graph = graph;
    }

    Map<String, Integer> maxJobs() {
        return Map.of();
    }

    Set<Integer> parents(int job) {
        return parents.get(job);
    }

    /** @param nodeCores what workers really have */
    static SimRun drawn(int id, List<Site> sites, int nodeCores, SplittableRandom random) {
        int count = 1 + random.nextInt(MOST_JOBS);
        boolean last = random.nextBoolean();
        RunGraphBuilder builder = new RunGraphBuilder(List.of());
        List<Set<Integer>> parents = new ArrayList<>();
        for (int job = 0; job < count; job++) {
            Set<Integer> needs = new TreeSet<>();
            for (int i = random.nextInt(3); i > 0 && job > 0; i--) {
                needs.add(random.nextInt(job));
            }
            parents.add(needs);
            builder.add(
                    Shape.at(
                            sites.get(random.nextInt(sites.size())),
                            drawCpus(nodeCores, random),
                            random.nextInt(1_024),
                            0,
                            0,
                            ""),
                    "label" + job % 4,
                    new RetryPolicy(random.nextInt(MOST_RETRIES + 1), Set.of()),
                    random.nextInt(3),
                    needs.stream().mapToInt(Integer::intValue).toArray());
        }
        if (last) {
            parents.add(Set.of());
            builder.addFinal(
                    Shape.at(sites.getLast(), 1, 0, 0, 0, ""), "last", new RetryPolicy(MOST_RETRIES, Set.of()), 0);
        }
        SimRun run = new SimRun(build(builder, id));
        run.parents.addAll(parents);
        for (int job = 0; job < run.graph.jobs(); job++) {
            int failures = random.nextInt(10) == 0
                    ? Integer.MAX_VALUE
                    : Math.min(random.nextInt(3), run.graph.policyOf(job).retries());
            long duration = random.nextBoolean() ? 1 + random.nextInt(500) : random.nextInt(LONGEST_JOB_MILLIS);
            run.jobs.add(new SimJob(new JobId(id, job), duration, failures));
        }
        return run;
    }

    /** Now and then more than any worker has. */
    private static int drawCpus(int nodeCores, SplittableRandom random) {
        return random.nextInt(20) == 0 ? nodeCores + 2 : 1 + random.nextInt(2);
    }

    private static RunGraph build(RunGraphBuilder builder, int id) {
        try {
            return builder.build(id);
        } catch (CycleException cycle) {
            throw new AssertionError("jobs need only earlier ones", cycle);
        }
    }
}
