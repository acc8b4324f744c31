package interchange.workflow;

import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.journal.JobSpec;
import interchange.proto.workflow.Header;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a workflow file twice: first it checks everything and builds the graph, then it hands on the jobs. So nothing of a
 * workflow that is refused is ever staged, and a job may need one that comes later; nor are all jobs ever in memory.
 */
public final class WorkflowLoader {
    private final Path file;
    private final SiteResolver sites;

    public WorkflowLoader(Path file, SiteResolver sites) {
        this.file = file;
        this.sites = sites;
    }

    /** As {@link #load(int, Consumer, Consumer)}, for who needs nothing in between. */
    public LoadedWorkflow load(int run, Consumer<List<JobSpec>> chunks) throws WorkflowException {
        return load(run, checked -> {}, chunks);
    }

    /**
     * Loads the workflow as a run.
     *
     * @param checked gets the graph before the first chunk, when everything was found to be right
     * @param chunks gets the jobs in order, at most 5,000 at a time; may block, and may throw to break off
     * @throws WorkflowException with every problem; before the first chunk, unless the file changes meanwhile or has too
     *     many environments
     */
    public LoadedWorkflow load(int run, Consumer<RunGraph> checked, Consumer<List<JobSpec>> chunks)
            throws WorkflowException {
        return load(run, Optional.empty(), checked, chunks);
    }

    /**
     * Loads the workflow into a run that goes on: the graph is that run's with the new jobs behind its own, and so are
     * labels and overlays.
     */
    public LoadedWorkflow append(Appending behind, Consumer<RunGraph> checked, Consumer<List<JobSpec>> chunks)
            throws WorkflowException {
        return load(behind.graph().run(), Optional.of(behind), checked, chunks);
    }

    private LoadedWorkflow load(
            int run, Optional<Appending> behind, Consumer<RunGraph> checked, Consumer<List<JobSpec>> chunks)
            throws WorkflowException {
        Header header = WorkflowFile.readHeader(file);
        Problems problems = new Problems(file);
        Placement placement = new Placement(sites, header.getSite(), problems);
        JobScan scan = new JobScan(placement, problems, behind);
        WorkflowWalk.over(file, problems, scan);
        RunGraphBuilder builder = builder(header, behind, scan);
        Optional<RunGraph> graph = scan.graph(run, builder);
        problems.throwIfAny();
        checked.accept(graph.orElseThrow());

        Environments environments =
                new Environments(behind.map(Appending::overlays).orElse(List.of()));
        JobStager stager = new JobStager(header.getSubmitDirectory(), scan, placement, problems, environments, chunks);
        WorkflowWalk.over(file, problems, stager);
        problems.throwIfAny();
        stager.finish();
        return new LoadedWorkflow(graph.orElseThrow(), builder.labels(), environments.overlays(), placement.warnings());
    }

    private static RunGraphBuilder builder(Header header, Optional<Appending> behind, JobScan scan) {
        Map<String, Integer> maxJobs = new HashMap<>(header.getMaxJobsMap());
        if (behind.isEmpty()) {
            return new RunGraphBuilder(header.getLabelsList(), maxJobs);
        }
        // What the run has said of its labels holds.
        maxJobs.keySet().removeAll(behind.get().graph().labelTable());
        maxJobs.putAll(behind.get().maxJobs());
        RunGraphBuilder builder =
                new RunGraphBuilder(behind.get().graph(), maxJobs, behind.get().bringer(), scan.offset() + scan.jobs());
        builder.know(header.getLabelsList());
        return builder;
    }
}
