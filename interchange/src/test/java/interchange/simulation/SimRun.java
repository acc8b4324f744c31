package interchange.simulation;

import interchange.core.CycleException;
import interchange.core.JobId;
import interchange.core.JobTraits;
import interchange.core.RetryPolicy;
import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.core.Shape;
import interchange.core.Site;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** A run of a random graph, with what its jobs do. */
final class SimRun {
    private static final int MOST_JOBS = 30;
    private static final int LONGEST_JOB_MILLIS = 240_000;
    private static final int MOST_RETRIES = 3;
    private static final int ABORT_EXIT = 42;
    private static final List<String> LIMITS = List.of("", "", "", "db", "db:2", "db,other");

    /** As it is submitted. */
    final RunGraph graph;

    final List<SimJob> jobs = new ArrayList<>();
    final Map<String, Integer> maxJobs;

    /** With what one of its jobs brings; empty: none brings anything. */
    private Optional<RunGraph> larger = Optional.empty();

    /** What it brings is damaged. */
    private boolean spoilt;

    private final List<Set<Integer>> parents = new ArrayList<>();

    private SimRun(RunGraph graph, Map<String, Integer> maxJobs) {
        this.graph = graph;
        this.maxJobs = maxJobs;
    }

    Set<Integer> parents(int job) {
        return parents.get(job);
    }

    /** The run with what a job brings; empty: it can't be taken in. */
    Optional<RunGraph> brought() {
        return spoilt ? Optional.empty() : larger;
    }

    /** What is known of all jobs, also of those that may come. */
    RunGraph whole() {
        return larger.orElse(graph);
    }

    /**
     * @param nodeCores what workers really have
     * @param riches draws groups, limits, memory that runs out and the like; empty: none of these
     */
    static SimRun drawn(
            int id, List<Site> sites, int nodeCores, SplittableRandom random, Optional<SplittableRandom> riches) {
        return new Drawing(id, sites, nodeCores, random, riches).run();
    }

    /** Draws one run. */
    private static final class Drawing {
        private final int id;
        private final List<Site> sites;
        private final int nodeCores;
        private final SplittableRandom random;
        private final Optional<SplittableRandom> riches;
        private final List<Set<Integer>> parents = new ArrayList<>();
        private final Map<String, Integer> maxJobs = new HashMap<>();

        Drawing(int id, List<Site> sites, int nodeCores, SplittableRandom random, Optional<SplittableRandom> riches) {
            this.id = id;
            this.sites = sites;
            this.nodeCores = nodeCores;
            this.random = random;
            this.riches = riches;
        }

        SimRun run() {
            int count = 1 + random.nextInt(MOST_JOBS);
            boolean last = random.nextBoolean();
            if (rarely(3)) {
                maxJobs.put("label1", 1 + rich(2));
            }
            RunGraphBuilder builder = new RunGraphBuilder(List.of(), maxJobs);
            for (int job = 0; job < count; job++) {
                Set<Integer> needs = new TreeSet<>();
                for (int i = random.nextInt(3); i > 0 && job > 0; i--) {
                    needs.add(random.nextInt(job));
                }
                add(builder, job, needs);
            }
            int bringer = rarely(4) ? addBringer(builder) : -1;
            boolean waits = bringer >= 0 && rarely(2);
            if (waits) {
                add(builder, bringer + 1, new TreeSet<>(Set.of(bringer)));
            }
            if (last) {
                parents.add(Set.of());
                Shape shape = Shape.at(sites.getLast(), 1, 0, 0, 0, "");
                builder.addFinal(shape, "last", new RetryPolicy(MOST_RETRIES, Set.of()), 0);
                addMoreFinals(builder);
            }
            SimRun run = new SimRun(build(builder), maxJobs);
            if (bringer >= 0) {
                run.larger = Optional.of(larger(run.graph, bringer));
                run.spoilt = rarely(8);
            }
            run.parents.addAll(parents);
            for (int job = 0; job < run.whole().jobs(); job++) {
                run.jobs.add(drawJob(run.whole(), job));
            }
            return run;
        }

        private void add(RunGraphBuilder builder, int job, Set<Integer> needs) {
            parents.add(needs);
            Site site = sites.get(random.nextInt(sites.size()));
            int cpus = drawCpus();
            int memoryMiB = random.nextInt(1_024);
            int traits = needs.isEmpty() || !rarely(4) ? JobTraits.NONE : 1 << rich(2);
            builder.add(
                    traits,
                    Shape.at(site, cpus, memoryMiB, rarely(3) ? rich(1_500) : 0, 0, LIMITS.get(rich(LIMITS.size()))),
                    traits == JobTraits.NONE ? "label" + job % 4 : JobTraits.NOOP_LABEL,
                    policy(),
                    random.nextInt(3),
                    needs.stream().mapToInt(Integer::intValue).toArray());
        }

        private RetryPolicy policy() {
            int retries = random.nextInt(MOST_RETRIES + 1);
            return new RetryPolicy(
                    retries,
                    Set.of(),
                    rarely(2) ? 2 : 0,
                    rarely(3) ? 2_000 : 0,
                    rarely(60) ? ABORT_EXIT : RetryPolicy.NO_ABORT,
                    rich(2));
        }

        private int addBringer(RunGraphBuilder builder) {
            parents.add(Set.of());
            return builder.add(
                    JobTraits.BRINGS,
                    Shape.at(sites.getFirst(), 1, 100, 0, 0, ""),
                    "bringer",
                    new RetryPolicy(MOST_RETRIES, Set.of()),
                    0);
        }

        private void addMoreFinals(RunGraphBuilder builder) {
            int first = builder.jobs() - 1;
            for (int more = rich(3); more > 0; more--) {
                Set<Integer> needs = Set.of(first + rich(builder.jobs() - first));
                parents.add(needs);
                builder.add(
                        JobTraits.FINAL | (rarely(3) ? 1 << rich(2) : 0),
                        Shape.at(sites.getLast(), 1, 0, 0, 0, ""),
                        "last",
                        new RetryPolicy(MOST_RETRIES, Set.of()),
                        0,
                        needs.iterator().next());
            }
        }

        private RunGraph larger(RunGraph base, int bringer) {
            int first = base.jobs();
            int count = 1 + rich(10);
            RunGraphBuilder builder = new RunGraphBuilder(base, maxJobs, bringer, first + count);
            for (int job = first; job < first + count; job++) {
                Set<Integer> needs = new TreeSet<>();
                for (int i = rich(3); i > 0 && job > first; i--) {
                    needs.add(first + rich(job - first));
                }
                add(builder, job, needs.isEmpty() ? Set.of(bringer) : needs);
            }
            if (base.isNeeded(bringer)) {
                addClosing(builder, base, bringer, first, count);
            }
            return build(builder);
        }

        private void addClosing(RunGraphBuilder builder, RunGraph base, int bringer, int first, int count) {
            Set<Integer> all = new TreeSet<>();
            for (int job = first; job < first + count; job++) {
                all.add(job);
            }
            parents.add(all);
            builder.add(
                    JobTraits.NOOP,
                    base.shapeOf(bringer),
                    JobTraits.NOOP_LABEL,
                    base.policyOf(bringer),
                    0,
                    all.stream().mapToInt(Integer::intValue).toArray());
            for (int at = base.childOffsets()[bringer]; at < base.childOffsets()[bringer + 1]; at++) {
                parents.get(base.children()[at]).add(first + count);
            }
        }

        private SimJob drawJob(RunGraph all, int job) {
            RetryPolicy policy = all.policyOf(job);
            int failures = random.nextInt(10) == 0 ? Integer.MAX_VALUE : Math.min(random.nextInt(3), policy.retries());
            long duration = random.nextBoolean() ? 1 + random.nextInt(500) : random.nextInt(LONGEST_JOB_MILLIS);
            boolean noop = all.isNoop(job);
            int exit = policy.abortOnExit() == RetryPolicy.NO_ABORT ? 1 : ABORT_EXIT;
            return new SimJob(new JobId(id, job), duration, noop ? 0 : failures, exit, rarely(5));
        }

        /** Now and then more than any worker has. */
        private int drawCpus() {
            return random.nextInt(20) == 0 ? nodeCores + 2 : 1 + random.nextInt(2);
        }

        private int rich(int bound) {
            return riches.map(some -> some.nextInt(bound)).orElse(0);
        }

        /** Once in so many times; never in a poor world. */
        private boolean rarely(int times) {
            return riches.isPresent() && riches.get().nextInt(times) == 0;
        }

        private RunGraph build(RunGraphBuilder builder) {
            try {
                return builder.build(id);
            } catch (CycleException cycle) {
                throw new AssertionError("jobs need only earlier ones", cycle);
            }
        }
    }
}
