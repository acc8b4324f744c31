package interchange.workflow;

import interchange.core.RunGraph;
import interchange.core.RunGraphBuilder;
import interchange.journal.JobSpec;
import interchange.proto.workflow.Header;
import java.nio.file.Path;
import java.util.List;
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
        Header header = WorkflowFile.readHeader(file);
        Problems problems = new Problems(file);
        Placement placement = new Placement(sites, header.getSite(), problems);
        JobScan scan = new JobScan(placement, problems);
        WorkflowWalk.over(file, problems, scan);
        RunGraphBuilder builder = new RunGraphBuilder(header.getLabelsList());
        Optional<RunGraph> graph = scan.graph(run, builder);
        problems.throwIfAny();
        checked.accept(graph.orElseThrow());

        JobStager stager = new JobStager(header.getSubmitDirectory(), scan, placement, problems, chunks);
        WorkflowWalk.over(file, problems, stager);
        problems.throwIfAny();
        stager.finish();
        return new LoadedWorkflow(
                graph.orElseThrow(), builder.labels(), stager.environments().overlays(), placement.warnings());
    }
}
