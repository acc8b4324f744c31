package interchange.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.journal.JobSpec;
import interchange.settings.InvalidSettingsException;
import interchange.site.Circumstances;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.site.SiteReader;
import interchange.workflow.SiteResolver.RunSite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PoolPlacementTest {
    private static final Map<String, Object> BY_JOB_MEMORY = Map.of(
            "small", Map.of("maxJobMemory", 2048, "walltime", "10:00"),
            "medium", Map.of("maxJobMemory", 4096, "walltime", "10:00"),
            "large", Map.of("maxJobMemory", 8192, "walltime", "40:00"));

    private static final Map<String, Object> BY_WORKER = Map.of(
            "thin", Map.of("cores", 4, "memory", 8_000, "walltime", "2:00"),
            "fat", Map.of("cores", 32, "memory", 64_000, "walltime", "2:00"),
            "slow", Map.of("cores", 32, "memory", 64_000, "walltime", "20:00"));

    @TempDir
    private Path directory = Path.of("");

    private LoadedWorkflow load(Map<String, Object> pools, String fields, List<JobSpec> jobs) throws Exception {
        Circumstances circumstances = new Circumstances(new NodeCapacity(2, 8000), "x86_64", "");
        List<SiteConfig> sites = SiteReader.read("here", Map.of("provider", "slurm", "pools", pools), circumstances)
                .smallestFirst();
        List<RunSite> found = new ArrayList<>();
        sites.forEach(site -> found.add(new RunSite(found.size() + 1, site)));
        Path file = new WorkflowText()
                .job("'name':'x','argv':['true']," + fields)
                .trailer()
                .write(directory);
        return new WorkflowLoader(file, name -> found).load(7, jobs::addAll);
    }

    private String poolOf(Map<String, Object> pools, String fields) throws Exception {
        List<JobSpec> jobs = new ArrayList<>();
        LoadedWorkflow loaded = load(pools, fields, jobs);
        int site = jobs.getFirst().site();
        assertThat(loaded.graph().shapeOf(0).site())
                .as("the same when it is read twice")
                .isEqualTo(site);
        List<String> names = pools == BY_WORKER ? List.of("thin", "fat", "slow") : List.of("small", "medium", "large");
        return names.get(site - 1) + (loaded.graph().shapeOf(0).alone() ? ", alone" : "");
    }

    @Test
    void jobGoesToTheSmallestPoolOfItsMemory() throws Exception {
        assertThat(poolOf(BY_JOB_MEMORY, "'memoryMib':2048")).isEqualTo("small");
        assertThat(poolOf(BY_JOB_MEMORY, "'memoryMib':2049")).isEqualTo("medium");
        assertThat(poolOf(BY_JOB_MEMORY, "'memoryMib':4097")).isEqualTo("large");
        assertThat(poolOf(BY_JOB_MEMORY, "'cpus':3")).isEqualTo("small");
    }

    @Test
    void largestPoolTakesWhatFitsNone() throws Exception {
        assertThat(poolOf(BY_JOB_MEMORY, "'memoryMib':100000"))
                .as("what its node has is not known, so that it may well fit")
                .isEqualTo("large");
        assertThat(poolOf(BY_WORKER, "'memoryMib':100000")).isEqualTo("slow, alone");
    }

    @Test
    void jobThatLastsLongerThanSmallBlocksGoesWhereItHasTheTime() throws Exception {
        assertThat(poolOf(BY_JOB_MEMORY, "'walltimeSeconds':43200")).isEqualTo("large");
        assertThat(poolOf(BY_WORKER, "'walltimeSeconds':43200")).isEqualTo("slow");
    }

    @Test
    void jobThatFitsNoPoolsTimeIsRefused() {
        WorkflowException refusal = catchThrowableOfType(
                WorkflowException.class, () -> load(BY_WORKER, "'walltimeSeconds':432000", new ArrayList<>()));
        assertThat(refusal.problems())
                .singleElement()
                .asString()
                .contains("a block of site 'here.slow' lasts 1200 min");
    }

    @Test
    void jobGoesByCoresWhereMemoryLeavesAChoice() throws Exception {
        assertThat(poolOf(BY_WORKER, "'cpus':4,'memoryMib':8000")).isEqualTo("thin");
        assertThat(poolOf(BY_WORKER, "'cpus':5")).isEqualTo("fat");
        assertThat(poolOf(BY_WORKER, "'cpus':99"))
                .as("the smallest of its memory, not the largest of all")
                .isEqualTo("thin, alone");
    }

    @Test
    void siteThatThisSubmissionCannotUseIsSaidOnce() throws Exception {
        Path file = new WorkflowText().trivial("a").trivial("b").trailer().write(directory);
        WorkflowLoader loader = new WorkflowLoader(file, name -> {
            throw new InvalidSettingsException(List.of("site 'here': no allocation"));
        });
        WorkflowException refusal = catchThrowableOfType(WorkflowException.class, () -> loader.load(7, chunk -> {}));
        assertThat(refusal.problems()).containsExactly(file + ": site 'here': no allocation");
    }
}
