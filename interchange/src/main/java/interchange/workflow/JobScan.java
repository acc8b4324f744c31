package interchange.workflow;

import interchange.core.CycleException;
import interchange.core.IntList;
import interchange.core.JobTraits;
import interchange.core.RetryPolicy;
import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.core.Shape;
import interchange.workflow.SiteResolver.RunSite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** The first reading of a workflow: checks every job, and remembers of each what the graph needs, compactly. */
final class JobScan implements WorkflowWalk.Visitor {
    /** Of the jobs of a circle, those that a message names. */
    private static final int CIRCLE_SHOWN_MAX = 10;

    /** Stands for a shape that can't be told, in a run that is refused. */
    private static final Shape UNKNOWN_SHAPE = new Shape(0, 1, 0, 0, false);

    private final Problems problems;
    private final JobChecks checks;
    private final Placement placement;
    private final JobNames names = new JobNames();

    // Indexed by job.
    private final IntList lines = new IntList();
    private final IntList priorities = new IntList();
    private final List<Shape> shapes = new ArrayList<>();
    private final List<String> labels = new ArrayList<>();
    private final List<RetryPolicy> policies = new ArrayList<>();
    /** Where the needs of each job begin in {@link #needs}. */
    private final IntList needOffsets = new IntList();

    /** Name numbers: the job may come later. */
    private final IntList needs = new IntList();

    private final Map<String, String> knownLabels = new HashMap<>();
    private final Map<RetryPolicy, RetryPolicy> knownPolicies = new HashMap<>();
    private final IntList traits = new IntList();
    private final Optional<Appending> behind;

    JobScan(Placement placement, Problems problems) {
        this(placement, problems, Optional.empty());
    }

    /** @param behind the run that the jobs come to; empty: they are a run of their own */
    JobScan(Placement placement, Problems problems, Optional<Appending> behind) {
        this.placement = placement;
        this.problems = problems;
        this.behind = behind;
        this.checks = new JobChecks(problems);
    }

    /** The index of the first job. */
    int offset() {
        return behind.map(run -> run.graph().jobs()).orElse(0);
    }

    JobNames names() {
        return names;
    }

    @Override
    public void onJob(long line, JobLine job) {
        int index = lines.size();
        lines.add(Math.toIntExact(line));
        checks.check(line, job);
        int first = names.define(job.name, index);
        if (first != index && !job.name.isEmpty()) {
            problems.addToJob(
                    line,
                    job.name,
                    "there is another job of this name, on line " + lines.get(first) + "; rename one of them");
        }
        needOffsets.add(needs.size());
        for (String need : job.needs) {
            needs.add(names.idOf(need));
        }
        if (behind.isPresent() && behind.get().names().containsKey(job.name)) {
            problems.addToJob(line, job.name, "the run has a job of this name already; rename this one");
        }
        traits.add(traitsOf(job));
        Optional<RunSite> site = placement.siteOf(line, job);
        shapes.add(site.map(some -> placement.shapeOf(line, job, some)).orElse(UNKNOWN_SHAPE));
        labels.add(knownLabels.computeIfAbsent(labelOf(job), same -> same));
        policies.add(policyOf(job, site));
        priorities.add((int) job.priority);
    }

    static int traitsOf(JobLine job) {
        return (job.kind.equals(JobLine.NOOP) ? JobTraits.NOOP : JobTraits.NONE)
                | (job.kind.equals(JobLine.JOIN) ? JobTraits.JOIN : JobTraits.NONE)
                | (job.brings.isEmpty() ? JobTraits.NONE : JobTraits.BRINGS)
                | (job.last ? JobTraits.FINAL : JobTraits.NONE);
    }

    static String labelOf(JobLine job) {
        if (job.isNoop()) {
            return JobTraits.NOOP_LABEL;
        }
        return job.label.isEmpty() ? "job" : job.label;
    }

    /** The same object for equal policies. */
    RetryPolicy policyOf(JobLine job, Optional<RunSite> site) {
        int ofSite = site.map(some -> some.config().retries()).orElse(0);
        int retries = job.retries == JobLine.NOT_GIVEN ? ofSite : (int) Math.min(job.retries, Integer.MAX_VALUE);
        RetryPolicy policy = new RetryPolicy(
                retries,
                Set.copyOf(job.retryUnlessExit),
                job.memoryMultiplier,
                (int) job.memoryMaxMiB,
                job.abortOnExit == JobLine.NOT_GIVEN ? RetryPolicy.NO_ABORT : (int) job.abortOnExit,
                (int) job.abortReturn);
        return knownPolicies.computeIfAbsent(policy, same -> same);
    }

    int jobs() {
        return lines.size();
    }

    /**
     * The graph of all jobs seen; what is wrong with it is added to the problems, and then the graph is not to be used.
     *
     * @param builder knows the header's labels
     */
    Optional<RunGraph> graph(int run, RunGraphBuilder builder) {
        for (int job = 0; job < jobs(); job++) {
            builder.add(
                    traits.get(job),
                    shapes.get(job),
                    labels.get(job),
                    policies.get(job),
                    priorities.get(job),
                    inRun(job, parentsOf(job)));
        }
        behind.ifPresent(going -> closing(going)
                .ifPresent(last ->
                        builder.add(JobTraits.NOOP, last.shape(), JobTraits.NOOP_LABEL, last.policy(), 0, sinks())));
        try {
            return Optional.of(builder.build(run));
        } catch (CycleException e) {
            problems.add(0, circle(e.jobs()));
            return Optional.empty();
        }
    }

    /**
     * A no-op behind all that is brought, where other jobs need the one that has brought it.
     *
     * @param job its index in the run
     */
    record Closing(int job, String name, Shape shape, RetryPolicy policy) {}

    private Optional<Closing> closing(Appending going) {
        RunGraph graph = going.graph();
        int bringer = going.bringer();
        return graph.isNeeded(bringer)
                ? Optional.of(new Closing(
                        offset() + jobs(), going.closingName(), graph.shapeOf(bringer), graph.policyOf(bringer)))
                : Optional.empty();
    }

    Optional<Closing> closing() {
        return behind.flatMap(this::closing);
    }

    /** Jobs that no other needs, final ones aside, by their indices in the run. */
    int[] sinks() {
        BitSet needed = new BitSet(jobs());
        for (int at = 0; at < needs.size(); at++) {
            int parent = names.jobOf(needs.get(at));
            if (parent != JobNames.NO_JOB) {
                needed.set(parent);
            }
        }
        return IntStream.range(0, jobs())
                .filter(job -> !needed.get(job) && !isFinal(job))
                .map(job -> job + offset())
                .toArray();
    }

    /** Parents by their indices in the run. */
    int[] inRun(int job, int[] parents) {
        if (behind.isPresent() && parents.length == 0 && !isFinal(job)) {
            return new int[] {behind.get().bringer()};
        }
        return Arrays.stream(parents).map(parent -> parent + offset()).toArray();
    }

    private boolean isFinal(int job) {
        return JobTraits.has(traits.get(job), JobTraits.FINAL);
    }

    private int[] parentsOf(int job) {
        int begin = needOffsets.get(job);
        int end = job + 1 < jobs() ? needOffsets.get(job + 1) : needs.size();
        int[] parents = new int[end - begin];
        int count = 0;
        for (int at = begin; at < end; at++) {
            int parent = names.jobOf(needs.get(at));
            if (parent == JobNames.NO_JOB) {
                problems.addToJob(
                        lines.get(job),
                        names.nameOf(job),
                        "needs '" + names.name(needs.get(at))
                                + "', which is not in the workflow; add that job or take the need away");
            } else if (isFinal(parent) != isFinal(job)) {
                problems.addToJob(
                        lines.get(job),
                        names.nameOf(job),
                        isFinal(job)
                                ? "is a final job, which runs after all others, but needs '" + names.name(needs.get(at))
                                        + "', which is none; take the need away"
                                : "needs '" + names.name(needs.get(at))
                                        + "', which is a final job and runs after all others");
            } else if (parent != job) { // that it needs itself has been said
                parents[count++] = parent;
            }
        }
        return count == parents.length ? parents : Arrays.copyOf(parents, count);
    }

    /** In the order of needing: the exception has them in that of running. */
    private String circle(List<Integer> jobs) {
        StringBuilder text = new StringBuilder("jobs need one another in a circle, so none of them could ever run: ");
        int shown = Math.min(jobs.size(), CIRCLE_SHOWN_MAX);
        for (int i = 0; i < shown; i++) {
            int job = jobs.get(jobs.size() - 1 - i);
            text.append('\'')
                    .append(names.nameOf(job))
                    .append("' (line ")
                    .append(lines.get(job))
                    .append(") needs ");
        }
        if (shown < jobs.size()) {
            text.append("... (").append(jobs.size() - shown).append(" more) needs ");
        }
        return text.append('\'')
                .append(names.nameOf(jobs.getLast()))
                .append("'; take one of these needs away")
                .toString();
    }
}
