package interchange.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.core.JobTraits;
import interchange.core.RetryPolicy;
import interchange.core.RunGraph;
import interchange.core.Shape;
import interchange.journal.EnvironmentFiles.Overlay;
import interchange.journal.JobSpec;
import interchange.site.SiteConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkflowLoaderTest {
    @TempDir
    private Path directory = Path.of("");

    private final List<List<JobSpec>> chunks = new ArrayList<>();

    private LoadedWorkflow load(WorkflowText text, SiteConfig... sites) throws Exception {
        return new WorkflowLoader(text.write(directory), WorkflowText.sites(sites)).load(7, chunks::add);
    }

    private LoadedWorkflow load(WorkflowText text) throws Exception {
        return load(text, WorkflowText.site("here"));
    }

    private List<String> problems(WorkflowText text, SiteConfig... sites) throws Exception {
        SiteConfig[] known = sites.length == 0 ? new SiteConfig[] {WorkflowText.site("here")} : sites;
        WorkflowException refusal = catchThrowableOfType(WorkflowException.class, () -> load(text, known));
        assertThat(refusal).as("a refusal").isNotNull();
        assertThat(chunks).as("what was staged of a refused run").isEmpty();
        String file = directory.resolve("workflow.jsonl").toString();
        return refusal.problems().stream()
                .map(problem -> problem.replace(file + ":", ""))
                .toList();
    }

    private JobSpec onlyJob() {
        assertThat(chunks).hasSize(1);
        assertThat(chunks.getFirst()).hasSize(1);
        return chunks.getFirst().getFirst();
    }

    @Test
    void jobMayNeedOneThatComesLater() throws Exception {
        RunGraph graph = load(new WorkflowText()
                        .trivial("b", "a")
                        .trivial("a")
                        .trivial("c", "a", "b", "a")
                        .trailer())
                .graph();

        assertThat(graph.run()).isEqualTo(7);
        assertThat(graph.jobs()).isEqualTo(3);
        assertThat(graph.parentCounts()).containsExactly(1, 0, 2);
        assertThat(graph.depths()).containsExactly(1, 2, 0);
        assertThat(chunks.getFirst().get(0).needs()).containsExactly(1);
        assertThat(chunks.getFirst().get(2).needs()).contains(0, 1);
    }

    @Test
    void defaultsAreFilledIn() throws Exception {
        LoadedWorkflow loaded =
                load(new WorkflowText().job("'name':'a','command':'echo hi'").trailer());

        assertThat(onlyJob())
                .isEqualTo(new JobSpec(
                        0,
                        "a",
                        "job",
                        List.of(),
                        List.of("/bin/bash", "-c", "echo hi"),
                        "/tmp/w",
                        "/tmp/w/logs/a.stdout",
                        "/tmp/w/logs/a.stderr",
                        1,
                        1,
                        0,
                        0,
                        0,
                        0,
                        new RetryPolicy(0, Set.of()),
                        0,
                        "",
                        JobTraits.NONE,
                        "",
                        List.of()));
        assertThat(loaded.graph().shapeOf(0)).isEqualTo(new Shape(1, 1, 0, 0, false));
        assertThat(loaded.labels()).containsExactly("first", "job");
        assertThat(loaded.overlays()).containsExactly(Overlay.NONE);
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void everyFieldIsReadInBothSpellingsAndWithNumbersAsText() throws Exception {
        load(new WorkflowText()
                .job("'name':'a','label':'x','argv':['/bin/a','b c'],'directory':'d','stdout':'o','stderr':'/e',"
                        + "'cpus':2,'memoryMib':'512','memory_max_mib':1024,'memoryMultiplier':2.5,"
                        + "'walltime_seconds':'60','priority':-3,'retries':2,'retry_unless_exit':[1,2],'site':'here',"
                        + "'concurrencyLimit':'db_limit','diskMib':'7','environment':{'X':'1'},"
                        + "'unsetEnvironment':['Y'],'needs':null,'final':true")
                .trailer());

        assertThat(onlyJob())
                .isEqualTo(new JobSpec(
                        0,
                        "a",
                        "x",
                        List.of(),
                        List.of("/bin/a", "b c"),
                        "/tmp/w/d",
                        "/tmp/w/o",
                        "/e",
                        1,
                        2,
                        512,
                        7,
                        60,
                        -3,
                        new RetryPolicy(2, Set.of(1, 2), 2.5, 1024, RetryPolicy.NO_ABORT, 0),
                        1,
                        "db_limit",
                        JobTraits.FINAL,
                        "",
                        List.of()));
    }

    @Test
    void labelsOfTheHeaderComeFirstThenInOrderOfAppearanceTheFinalJobsIncluded() throws Exception {
        LoadedWorkflow loaded = load(new WorkflowText()
                .job("'name':'f','label':'finalJob','argv':['true'],'final':true")
                .job("'name':'a','label':'zeta','argv':['true']")
                .trivial("b")
                .trailer());

        assertThat(loaded.labels()).containsExactly("first", "finalJob", "zeta");
        assertThat(loaded.graph().labelTable()).isEqualTo(loaded.labels());
        assertThat(loaded.graph().finals()).containsExactly(0);
    }

    @Test
    void equalEnvironmentsAreOneWithTheSitesBelowTheJobs() throws Exception {
        SiteConfig site = WorkflowText.site("here", "environment", Map.of("A", "site", "B", "site"), "retries", 3);
        LoadedWorkflow loaded = load(
                new WorkflowText()
                        .job("'name':'a','argv':['true'],'environment':{'A':'job'}")
                        .job("'name':'b','argv':['true'],'environment':{'A':'job'}")
                        .job("'name':'c','argv':['true'],'unsetEnvironment':['B','C']")
                        .job("'name':'d','argv':['true'],'retries':0")
                        .trailer(),
                site);

        assertThat(chunks.getFirst().stream().map(JobSpec::environment)).containsExactly(1, 1, 2, 3);
        assertThat(loaded.overlays())
                .containsExactly(
                        Overlay.NONE,
                        new Overlay(Map.of("A", "job", "B", "site"), Set.of()),
                        new Overlay(Map.of("A", "site"), Set.of("B", "C")),
                        new Overlay(Map.of("A", "site", "B", "site"), Set.of()));
        assertThat(chunks.getFirst().stream().map(spec -> spec.policy().retries()))
                .containsExactly(3, 3, 3, 0);
    }

    @Test
    void commandPrefixOfTheSiteRunsInTheShellOfTheCommand() throws Exception {
        SiteConfig site = WorkflowText.site("here", "commandPrefix", "module load lsst");
        load(
                new WorkflowText()
                        .job("'name':'a','command':'echo hi'")
                        .job("'name':'b','argv':['cat','x y']")
                        .trailer(),
                site);

        assertThat(chunks.getFirst().get(0).argv()).containsExactly("/bin/bash", "-c", "module load lsst\necho hi");
        assertThat(chunks.getFirst().get(1).argv())
                .containsExactly("/bin/bash", "-c", "module load lsst\nexec \"$@\"", "bash", "cat", "x y");
    }

    @Test
    void jobTooLargeForItsSiteRunsAloneWithAWarning() throws Exception {
        LoadedWorkflow loaded = load(new WorkflowText()
                .job("'name':'x','label':'big','argv':['true'],'cpus':16,'memoryMib':32768")
                .job("'name':'y','label':'big','argv':['true'],'cpus':16,'memoryMib':32768")
                .trivial("small")
                .trailer());

        assertThat(loaded.graph().shapeOf(0)).isEqualTo(new Shape(1, 16, 32768, 0, true));
        assertThat(loaded.graph().shapeOf(2).alone()).isFalse();
        assertThat(loaded.warnings())
                .containsExactly(
                        "job 'x' (and 1 more of its label) needs 16 cpus and 32768 MiB; a worker of site 'here'"
                                + " has 2 cpus and 4096 MiB; it will run alone on the largest worker (oversize: fail would"
                                + " refuse it)");
    }

    @Test
    void jobTooLargeIsRefusedWhereTheSiteSaysSo() throws Exception {
        SiteConfig strict = WorkflowText.site("here", "oversize", "fail");
        WorkflowText text =
                new WorkflowText().job("'name':'x','argv':['true'],'cpus':3").trailer();

        assertThat(problems(text, strict))
                .containsExactly(
                        "2: job 'x': needs 3 cpus and 0 MiB; a worker of site 'here' has 2 cpus and 4096 MiB; ask for less, or give the site larger workers or oversize: alone");
    }

    @Test
    void jobLongerThanABlockOfItsSiteIsRefused() throws Exception {
        SiteConfig hour = WorkflowText.site("here", "walltime", 60);
        WorkflowText text = new WorkflowText()
                .job("'name':'fits','argv':['true'],'walltimeSeconds':3540")
                .job("'name':'x','argv':['true'],'walltimeSeconds':3600")
                .trailer();

        assertThat(problems(text, hour))
                .containsExactly(
                        "3: job 'x': has a walltime of 60 min; a block of site 'here' lasts 60 min, of which one"
                                + " may pass before a job starts");
    }

    @Test
    void allProblemsAreSaidAtOnceWithLineAndJob() throws Exception {
        WorkflowText text = new WorkflowText()
                .trivial("a", "zz")
                .trivial("a")
                .trivial("self", "self")
                .job("'name':'none'")
                .job("'name':'both','command':'x','argv':['x']")
                .job("'name':'far','argv':['true'],'site':'hree'")
                .job("'name':'neg','argv':['true'],'cpus':-1,'memoryMib':-5,'walltimeSeconds':99999999999")
                .job("'name':'nul','argv':['a\\u0000b']")
                .job("'name':'f1','argv':['true'],'final':true")
                .job("'name':'f2','argv':['true'],'final':true,'needs':['a']")
                .trivial("afterFinal", "f1")
                .trivial("p", "q")
                .trivial("q", "r")
                .trivial("r", "p")
                .line("{'job':{'name':'typo','argv':['true'],'cpu':3}}")
                .line("nonsense")
                .trailer();

        assertThat(problems(text))
                .contains(
                        "2: job 'a': needs 'zz', which is not in the workflow; add that job or take the need away",
                        "3: job 'a': there is another job of this name, on line 2; rename one of them",
                        "4: job 'self': needs itself",
                        "5: job 'none': has neither a command nor an argv; it needs one of them",
                        "6: job 'both': has both a command and an argv; it needs one of them",
                        "7: job 'far': there is no site 'hree'; did you mean 'here'?",
                        "8: job 'neg': cpus is -1; allowed: 0 to 100000",
                        "8: job 'neg': memory (MiB) is -5; allowed: 0 to 2147483647",
                        "8: job 'neg': walltime (s) is 99999999999; allowed: 0 to 2147483647",
                        "9: job 'nul': 'a?b' has a NUL character, which no file or command can have",
                        "11: job 'f2': is a final job, which runs after all others, but needs 'a', which is none; take the"
                                + " need away",
                        "12: job 'afterFinal': needs 'f1', which is a final job and runs after all others",
                        "16: has the unknown field 'job.cpu' (job 'typo')")
                .anyMatch(problem -> problem.startsWith("17: is not JSON"))
                .anyMatch(problem -> problem.contains("in a circle")
                        && problem.contains("'p' (line 13) needs 'q'")
                        && problem.contains("'q' (line 14) needs 'r'")
                        && problem.contains("'r' (line 15) needs 'p'")
                        && problem.endsWith("; take one of these needs away"))
                .hasSize(15);
    }

    @Test
    void whatAFinalJobWouldBringComesTooLate() throws Exception {
        WorkflowText text = new WorkflowText()
                .job("'name':'late','argv':['true'],'final':true,'brings':'more'")
                .trailer();

        assertThat(problems(text))
                .containsExactly("2: job 'late': is final and brings a workflow, which would come too late");
    }

    @Test
    void problemsBeyondTheLimitAreCounted() throws Exception {
        WorkflowText text = new WorkflowText();
        for (int i = 0; i < Problems.SHOWN_MAX + 3; i++) {
            text.trivial("j" + i, "nobody");
        }

        // One more: there is no trailer.
        assertThat(problems(text)).hasSize(Problems.SHOWN_MAX + 1).last().isEqualTo("and 4 more problems");
    }

    @Test
    void unknownKindsOfLinesAndWrongTypesAreNamed() throws Exception {
        WorkflowText text = new WorkflowText()
                .line("{'task':{}}")
                .line("{}")
                .line("{'job':{'name':['a']}}")
                .line("{'job':{'name':'a','cpus':'many'}}")
                .line("{'job':{'name':'a','retries':-1}}")
                .line("{'job':{'name':'a','cpus':1.5}}")
                .line("{'job':{'name':'a'},'trailer':{}}")
                .line("{'job':{'name':'a','argv':['true']}} trailing")
                .line("{'job':{'name':'cut','argv':[")
                .line("{'trailer':{'job':1}}")
                .trailer();

        assertThat(problems(text))
                .satisfiesExactly(
                        problem -> assertThat(problem)
                                .isEqualTo("2: has the unknown field 'task'; known: header, job, trailer"),
                        problem -> assertThat(problem).startsWith("3: is empty"),
                        problem -> assertThat(problem).startsWith("4: has a value of a wrong type at $.job.name"),
                        problem -> assertThat(problem).startsWith("5: has a value of a wrong type at $.job.cpus"),
                        problem -> assertThat(problem).startsWith("6: has -1 for 'job.retries'"),
                        problem -> assertThat(problem).startsWith("7: has a value of a wrong type at $.job.cpus"),
                        problem -> assertThat(problem).startsWith("8: has 'trailer' beside 'job'"),
                        problem -> assertThat(problem).startsWith("9: is not JSON"),
                        problem -> assertThat(problem).startsWith("10: is not JSON"),
                        problem -> assertThat(problem).startsWith("11: has the unknown field 'trailer.job'"));
    }

    @Test
    void fileThatIsCutOffIsRefused() throws Exception {
        assertThat(problems(new WorkflowText().trivial("a").trivial("b")))
                .containsExactly(" is cut off: there is no trailer after its 2 jobs; write it again");
        assertThat(problems(new WorkflowText().trivial("a").line("{'trailer':{'jobs':'3'}}")))
                .containsExactly(" is cut off: its trailer says 3 jobs, but there are 1; write it again");
        assertThat(problems(new WorkflowText().trivial("a").trailer().trivial("b")))
                .containsExactly("4: comes after the trailer, which must be last");
        assertThat(problems(new WorkflowText().trailer())).containsExactly(" has no jobs");
    }

    @Test
    void jobsAreHandedOnInOrderAndInBoundedChunks() throws Exception {
        WorkflowText text = new WorkflowText();
        for (int i = 0; i < 2 * JobStager.CHUNK_JOBS_MAX + 1; i++) {
            text.trivial("j" + i);
        }
        load(text.trailer());

        assertThat(chunks)
                .extracting(List::size)
                .containsExactly(JobStager.CHUNK_JOBS_MAX, JobStager.CHUNK_JOBS_MAX, 1);
        assertThat(chunks.getLast().getFirst().job()).isEqualTo(2 * JobStager.CHUNK_JOBS_MAX);
        assertThat(chunks.getLast().getFirst().name()).isEqualTo("j" + 2 * JobStager.CHUNK_JOBS_MAX);
    }

    @Test
    void fileThatChangesWhileItIsReadIsRefused() throws Exception {
        WorkflowText text = new WorkflowText();
        for (int i = 0; i < JobStager.CHUNK_JOBS_MAX + 1; i++) {
            text.trivial("j" + i);
        }
        Path file = text.trailer().write(directory);
        WorkflowText other = new WorkflowText();
        for (int i = 0; i < JobStager.CHUNK_JOBS_MAX; i++) {
            other.trivial("j" + i);
        }
        SiteResolver resolver = WorkflowText.sites(WorkflowText.site("here"));
        WorkflowLoader loader = new WorkflowLoader(file, resolver);

        WorkflowException refusal = catchThrowableOfType(
                WorkflowException.class,
                () -> loader.load(7, chunk -> {
                    try {
                        other.trivial("stranger").trailer().write(directory);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }));

        assertThat(refusal).isNotNull();
    }
}
