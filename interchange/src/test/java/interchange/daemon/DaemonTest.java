package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.util.JsonFormat;
import interchange.proto.control.BlocksRequest;
import interchange.proto.control.CancelRequest;
import interchange.proto.control.CheckRequest;
import interchange.proto.control.CheckedSite;
import interchange.proto.control.Error;
import interchange.proto.control.ExplainRequest;
import interchange.proto.control.ExportRequest;
import interchange.proto.control.JobRequest;
import interchange.proto.control.JobState;
import interchange.proto.control.JobsRequest;
import interchange.proto.control.ListRequest;
import interchange.proto.control.PingRequest;
import interchange.proto.control.PurgeRequest;
import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.control.RestartRequest;
import interchange.proto.control.RunState;
import interchange.proto.control.SitesRequest;
import interchange.proto.control.StateCount;
import interchange.proto.control.StopRequest;
import interchange.proto.control.SubmitRequest;
import interchange.proto.control.WorkersRequest;
import interchange.proto.worker.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole daemon with its real journal and sockets; only the worker's processes are not there. */
@Timeout(180)
class DaemonTest {
    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Path home = Path.of("");
    private Path jars = Path.of("");
    private Path submit = Path.of("");

    @BeforeEach
    void prepare() throws Exception {
        home = directory.resolve("home");
        jars = TestDaemon.fakeJars(directory.resolve("jars"));
        submit = directory.resolve("submit");
    }

    @AfterEach
    void closeAll() throws Exception {
        if (Files.exists(home.resolve("client.connection"))) {
            stopIfRunning();
        }
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private void stopIfRunning() throws Exception {
        for (AutoCloseable each : open) {
            if (each instanceof TestDaemon daemon && !daemon.daemon.hasEnded()) {
                ask(stop(StopRequest.Mode.NOW));
                daemon.awaitEnd();
            }
        }
    }

    private TestDaemon startDaemon() throws Exception {
        TestDaemon daemon = new TestDaemon(home, jars);
        open.add(daemon);
        return daemon;
    }

    private Response ask(Request.Builder request) throws Exception {
        try (TestClient client = new TestClient(home)) {
            return client.ask(request);
        }
    }

    private ScriptedWorker startWorker(ToIntFunction<Task> exitCodes) throws Exception {
        return startWorkerOf(1, exitCodes);
    }

    private ScriptedWorker startWorkerOf(int block, ToIntFunction<Task> exitCodes) throws Exception {
        TestDaemon.await("the block's token", () -> !tokensOf(block).isEmpty());
        ScriptedWorker worker = new ScriptedWorker(home, tokensOf(block).getFirst(), exitCodes);
        open.add(worker);
        return worker;
    }

    /** Of each journal that was in this home. */
    private List<String> tokensOfFirstBlocks() {
        return tokensOf(1);
    }

    private List<String> tokensOf(int number) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home.resolve("blocks"), number + "-*")) {
            List<String> tokens = new ArrayList<>();
            for (Path block : files) {
                if (Files.exists(block.resolve("token"))) {
                    tokens.add(Files.readString(block.resolve("token")).strip());
                }
            }
            return tokens;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Request.Builder submit(Path file, Map<String, String> environment) {
        return Request.newBuilder()
                .setSubmit(
                        SubmitRequest.newBuilder().setWorkflow(file.toString()).putAllEnvironment(environment));
    }

    private static Request.Builder submit(Path file) {
        return submit(file, Map.of("PATH", "/bin"));
    }

    private static Request.Builder report(String run) {
        return Request.newBuilder().setReport(ReportRequest.newBuilder().setRun(run));
    }

    private static Request.Builder jobs(JobsRequest.Builder jobs) {
        return Request.newBuilder().setJobs(jobs.setAfter(jobs.getAfter() == 0 ? -1 : jobs.getAfter()));
    }

    private static Request.Builder stop(StopRequest.Mode mode) {
        return Request.newBuilder().setStop(StopRequest.newBuilder().setMode(mode));
    }

    private static Request.Builder cancel(String run) {
        return Request.newBuilder().setCancel(CancelRequest.newBuilder().setRun(run));
    }

    private ReportResponse awaitState(String run, RunState state) throws Exception {
        try (TestClient client = new TestClient(home)) {
            TestDaemon.await("run " + run + " is " + state, () -> {
                Response response = client.ask(report(run));
                return response.getReport().getSummary().getState() == state;
            });
            return client.ask(report(run)).getReport();
        }
    }

    private static long count(ReportResponse report, JobState state) {
        return report.getSummary().getCountsList().stream()
                .filter(count -> count.getState() == state)
                .mapToLong(StateCount::getCount)
                .sum();
    }

    private static WorkflowText chain() {
        return new WorkflowText()
                .job("a", "first", ", \"command\": \"echo a\"")
                .job("b", "second", ", \"command\": \"b\", \"needs\": [\"a\"], \"environment\": {\"X\": \"1\"}")
                .job("c", "third", ", \"command\": \"c\", \"needs\": [\"b\"]");
    }

    // ---- the ordinary way

    @Test
    void aWorkflowRunsToItsEndAndEveryQuestionAboutItIsAnswered() throws Exception {
        startDaemon();
        Response submitted = ask(submit(chain().write(submit)));
        assertThat(submitted.getSubmit().getRun()).isEqualTo(1);
        ScriptedWorker worker = startWorker(task -> 0);
        ReportResponse report = awaitState("1", RunState.RUN_SUCCEEDED);
        assertThat(count(report, JobState.SUCCEEDED)).isEqualTo(3);
        assertThat(report.getLabelsList())
                .extracting(label -> label.getLabel())
                .containsExactly("first", "second", "third");
        assertThat(report.getMessagesList()).contains("a note");
        assertThat(worker.tasks).extracting(Task::getName).containsExactly("a", "b", "c");
        assertThat(worker.tasks.get(1).getStdout()).isEqualTo(submit + "/logs/b.stdout");
        // What each job sees of itself is added by the worker.
        assertThat(worker.tasks.get(1).getVariablesMap()).isEmpty();
        assertThat(worker.environments.get(worker.tasks.get(1).getEnvironment()))
                .containsEntry("X", "1")
                .containsEntry("PATH", "/bin");

        assertThat(ask(Request.newBuilder().setList(ListRequest.newBuilder().setHistoryDays(1)))
                        .getList()
                        .getRunsList())
                .singleElement()
                .satisfies(run -> assertThat(run.getState()).isEqualTo(RunState.RUN_SUCCEEDED));
        assertThat(ask(Request.newBuilder()
                                .setList(ListRequest.newBuilder()
                                        .setHistoryDays(1)
                                        .setOperator("bob")))
                        .getList()
                        .getRunsList())
                .isEmpty();
        assertThat(ask(jobs(JobsRequest.newBuilder().setRun(submit.toString())))
                        .getJobs()
                        .getJobsList())
                .extracting(job -> job.getName(), job -> job.getState(), job -> job.getExitCode())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", JobState.SUCCEEDED, 0),
                        org.assertj.core.groups.Tuple.tuple("b", JobState.SUCCEEDED, 0),
                        org.assertj.core.groups.Tuple.tuple("c", JobState.SUCCEEDED, 0));
        Response job = ask(
                Request.newBuilder().setJob(JobRequest.newBuilder().setRun("1").setJob("a")));
        assertThat(job.getJob().getCommand()).isEqualTo("echo a");
        assertThat(job.getJob().getRunEnded()).isTrue();
        assertThat(job.getJob().getAttemptsList()).hasSize(1);
        assertThat(ask(Request.newBuilder().setWorkers(WorkersRequest.getDefaultInstance()))
                        .getWorkers()
                        .getWorkersList())
                .singleElement()
                .satisfies(row -> assertThat(row.getSite()).isEqualTo("here"));
        assertThat(ask(Request.newBuilder().setBlocks(BlocksRequest.getDefaultInstance()))
                        .getBlocks()
                        .getBlocksList())
                .singleElement()
                .satisfies(row -> assertThat(row.getJobsDone()).isEqualTo(3));
        assertThat(ask(Request.newBuilder().setSites(SitesRequest.getDefaultInstance()))
                        .getSites()
                        .getSitesList())
                .singleElement()
                .satisfies(row -> assertThat(row.getState()).isEqualTo("ok"));
        Path copy = directory.resolve("copy.db");
        ask(Request.newBuilder().setExport(ExportRequest.newBuilder().setFile(copy.toString())));
        assertThat(copy).isNotEmptyFile();
        assertThat(ask(Request.newBuilder().setPurge(PurgeRequest.newBuilder().setOlderSeconds(0)))
                        .getDone()
                        .getMessages(0))
                .contains("[1]");
        assertThat(ask(report("1")).getError().getKind()).isEqualTo(Error.Kind.NOT_FOUND);
    }

    @Test
    void theCountsOfAReportAddUpAtEveryMoment() throws Exception {
        startDaemon();
        WorkflowText workflow = new WorkflowText();
        int jobs = 2_000;
        for (int i = 0; i < jobs; i++) {
            String needs = i < 4 ? "" : ", \"needs\": [\"j" + (i - 4) + "\"]";
            workflow.job("j" + i, "label" + i % 3, ", \"argv\": [\"true\"]" + needs);
        }
        assertThat(ask(submit(workflow.write(submit))).getSubmit().getRun()).isEqualTo(1);
        startWorker(task -> 0);
        try (TestClient client = new TestClient(home)) {
            TestDaemon.await("the end", () -> {
                ReportResponse report = client.ask(report("1")).getReport();
                long total = report.getSummary().getCountsList().stream()
                        .mapToLong(StateCount::getCount)
                        .sum();
                long byLabel = report.getLabelsList().stream()
                        .flatMap(label -> label.getCountsList().stream())
                        .mapToLong(StateCount::getCount)
                        .sum();
                assertThat(total).isEqualTo(jobs);
                assertThat(byLabel).isEqualTo(jobs);
                return report.getSummary().getState() == RunState.RUN_SUCCEEDED;
            });
        }
    }

    @Test
    void jobsAreListedByPageStateAndLabel() throws Exception {
        startDaemon();
        WorkflowText workflow = new WorkflowText();
        for (int i = 0; i < 50; i++) {
            workflow.job("j" + i, i % 2 == 0 ? "even" : "odd", ", \"argv\": [\"true\"], \"retries\": 0");
        }
        ask(submit(workflow.write(submit)));
        startWorker(task -> task.getName().endsWith("7") ? 9 : 0);
        ReportResponse report = awaitState("1", RunState.RUN_FAILED);
        assertThat(report.getLabels(1).getExitCodesList()).containsExactly(9, 9, 9, 9, 9);
        assertThat(names(JobsRequest.newBuilder().setRun("1").addStates(JobState.FAILED)))
                .containsExactly("j7", "j17", "j27", "j37", "j47");
        assertThat(names(JobsRequest.newBuilder()
                        .setRun("1")
                        .addStates(JobState.FAILED)
                        .setAfter(17)
                        .setLimit(2)))
                .containsExactly("j27", "j37");
        assertThat(names(JobsRequest.newBuilder().setRun("1").addLabels("even").setLimit(3)))
                .containsExactly("j0", "j2", "j4");
        assertThat(names(JobsRequest.newBuilder().setRun("1").setAfter(47))).containsExactly("j48", "j49");
    }

    private List<String> names(JobsRequest.Builder request) throws Exception {
        return ask(jobs(request)).getJobs().getJobsList().stream()
                .map(job -> job.getName())
                .toList();
    }

    // ---- deaths

    @Test
    void aRunGoesOnAfterTheDaemonDiedAndNothingThatEndedRunsAgain() throws Exception {
        TestDaemon first = startDaemon();
        ask(submit(chain().write(submit)));
        ScriptedWorker worker = startWorker(task -> task.getName().equals("b") ? ScriptedWorker.NEVER : 0);
        TestDaemon.await("b runs", () -> worker.tasks.size() == 2);
        first.breakOff();
        worker.close();
        startDaemon();
        assertThat(ask(report("1")).getReport().getSummary().getState()).isEqualTo(RunState.RUN_RUNNING);
        // The same worker comes back without b: it never arrived, and is sent again under its name.
        ScriptedWorker again = startWorkerAgain();
        awaitState("1", RunState.RUN_SUCCEEDED);
        assertThat(again.tasks).extracting(Task::getName).containsExactly("b", "c");
        assertThat(again.tasks.getFirst().getAttempt().getNumber()).isZero();
    }

    private ScriptedWorker startWorkerAgain() throws Exception {
        ScriptedWorker worker = new ScriptedWorker(home, tokensOfFirstBlocks().getFirst(), task -> 0, 100);
        open.add(worker);
        return worker;
    }

    @Test
    void aResultThatWasNotAcknowledgedWhenTheDaemonDiedCountsOnce() throws Exception {
        TestDaemon first = startDaemon();
        ask(submit(chain().write(submit)));
        ScriptedWorker worker = startWorker(task -> 0);
        TestDaemon.await("a was taken", () -> !worker.tasks.isEmpty());
        first.breakOff();
        startDaemon();
        awaitState("1", RunState.RUN_SUCCEEDED);
        assertThat(worker.tasks).extracting(Task::getName).containsExactly("a", "b", "c");
    }

    @Test
    void anEnvironmentThatCanNotBeReadNowCostsNoRetryAndOneThatIsGoneEndsTheJob() throws Exception {
        TestDaemon first = startDaemon();
        WorkflowText workflow = new WorkflowText().job("a", "first", ", \"command\": \"a\", \"retries\": 0");
        ask(submit(workflow.write(submit)));
        ask(submit(new WorkflowText().job("b", "first", ", \"command\": \"b\"").write(directory.resolve("two"))));
        first.breakOff();
        Path stored = home.resolve("environments/1");
        Path aside = Files.move(stored, directory.resolve("aside"));
        Files.createDirectory(stored);
        Files.delete(home.resolve("environments/2"));
        startDaemon();
        startWorker(task -> 0);
        TestDaemon.await("the trouble is told", () -> troubles().contains("the environment of run 1 can't be read"));
        Files.delete(stored);
        Files.move(aside, stored);
        awaitState("1", RunState.RUN_SUCCEEDED);
        assertThat(troubles()).isEmpty();
        ReportResponse lost = awaitState("2", RunState.RUN_FAILED);
        assertThat(count(lost, JobState.FAILED)).isEqualTo(1);
    }

    @Test
    void blocksOfANewJournalDoNotMeetThoseOfTheOldOne() throws Exception {
        TestDaemon first = startDaemon();
        ask(submit(chain().write(submit)));
        TestDaemon.await("the first block", () -> tokensOfFirstBlocks().size() == 1);
        ask(stop(StopRequest.Mode.NOW));
        first.awaitEnd();
        Files.move(home.resolve("journal.db"), directory.resolve("damaged.db"));
        startDaemon();
        ask(submit(chain().write(directory.resolve("other"))));
        TestDaemon.await("the first block anew", () -> tokensOfFirstBlocks().size() == 2);
    }

    @Test
    void aSecondDaemonIsRefusedAndToldWhoIsThere() throws Exception {
        startDaemon();
        assertThatThrownBy(() -> new TestDaemon(home, jars))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("process id " + ProcessHandle.current().pid());
        assertThat(ask(Request.newBuilder().setPing(PingRequest.getDefaultInstance()))
                        .getPing()
                        .getTroublesList())
                .isEmpty();
    }

    @Test
    void aStopThatKeepsBlocksLeavesTheWorkerAlone() throws Exception {
        TestDaemon first = startDaemon();
        Files.createFile(home.resolve("wanted"));
        ask(submit(chain().write(submit)));
        ScriptedWorker worker = startWorker(task -> task.getName().equals("b") ? ScriptedWorker.NEVER : 0);
        TestDaemon.await("b runs", () -> worker.tasks.size() == 2);
        Response stopped = ask(stop(StopRequest.Mode.KEEP_BLOCKS));
        assertThat(stopped.getDone().getMessages(0)).contains("workers and their jobs go on");
        first.awaitEnd();
        assertThat(home.resolve("wanted")).doesNotExist();
        assertThat(home.resolve("owner")).doesNotExist();
        assertThat(worker.received).noneMatch(message -> message.hasShutdown() || message.hasDrain());
    }

    @Test
    void aDaemonThatCanNotWriteItsJournalStopsWhenItIsTold() throws Exception {
        TestDaemon first = startDaemon();
        Path workflow = chain().write(submit);
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + home.resolve("journal.db"));
                Statement statement = other.createStatement();
                TestClient stuck = new TestClient(home)) {
            statement.execute("BEGIN IMMEDIATE");
            CompletableFuture<Response> submitted = CompletableFuture.supplyAsync(() -> stuck.ask(submit(workflow)));
            TestDaemon.await("the journal is stuck", () -> troubles().contains("the journal can't be written"));
            assertThat(ask(cancel("1")).getError().getKind()).isEqualTo(Error.Kind.UNAVAILABLE);
            assertThat(ask(stop(StopRequest.Mode.NOW)).getDone().getMessages(0))
                    .contains("workers and their jobs go on");
            first.awaitEnd();
            submitted.cancel(true);
        }
        assertThat(home.resolve("owner")).doesNotExist();
    }

    private String troubles() {
        try {
            return String.join(
                    "; ",
                    ask(Request.newBuilder().setPing(PingRequest.getDefaultInstance()))
                            .getPing()
                            .getTroublesList());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theOperatingSystemsTermKeepsBlocksAndTheMarkThatTheDaemonIsWanted() throws Exception {
        TestDaemon first = startDaemon();
        Files.createFile(home.resolve("wanted"));
        first.daemon.terminate();
        first.awaitEnd();
        assertThat(home.resolve("wanted")).exists();
        assertThat(home.resolve("owner")).doesNotExist();
    }

    // ---- changing one's mind

    @Test
    void aCancelledRunIsDeletedAndARestartedOneRunsWhatIsLeftInANewEnvironment() throws Exception {
        startDaemon();
        ask(submit(chain().write(submit), Map.of("WHEN", "first")));
        ScriptedWorker worker = startWorker(task -> {
            boolean firstB = task.getName().equals("b") && task.getAttempt().getNumber() == 0;
            return firstB ? ScriptedWorker.NEVER : 0;
        });
        TestDaemon.await("b runs", () -> worker.tasks.size() == 2);
        assertThat(ask(Request.newBuilder()
                                .setRestart(RestartRequest.newBuilder().setRun("1")))
                        .getError()
                        .getKind())
                .isEqualTo(Error.Kind.CONFLICT);
        assertThat(ask(cancel("1")).getDone().getMessages(0)).contains("is being cancelled");
        ReportResponse deleted = awaitState("1", RunState.RUN_DELETED);
        assertThat(count(deleted, JobState.DELETED)).isEqualTo(2);
        assertThat(ask(cancel("1")).getError().getMessages(0)).contains("has ended");

        Response restarted = ask(Request.newBuilder()
                .setRestart(
                        RestartRequest.newBuilder().setRun(submit.toString()).putEnvironment("WHEN", "second")));
        assertThat(restarted.getRestart().getRun()).isEqualTo(1);
        // With the cancel of the last run its block was let go.
        ScriptedWorker later = startWorkerOf(2, task -> 0);
        awaitState("1", RunState.RUN_SUCCEEDED);
        assertThat(worker.tasks).extracting(Task::getName).containsExactly("a", "b");
        assertThat(later.tasks).extracting(Task::getName).containsExactly("b", "c");
        assertThat(worker.environments.get(worker.tasks.get(0).getEnvironment()))
                .containsEntry("WHEN", "first");
        assertThat(later.environments.get(later.tasks.get(0).getEnvironment())).containsEntry("WHEN", "second");
    }

    @Test
    void whatOneSiteOfARunKeepsOutIsStoredNeitherAtItsSubmissionNorAtItsRestart() throws Exception {
        startDaemon();
        Path file = new WorkflowText()
                .site("{\"provider\": \"local\", \"cores\": 4, \"memory\": 4096}")
                .otherSite("strict", "{\"provider\": \"local\", \"exportEnvironment\": [\"WHEN\"], \"cores\": 4}")
                .otherSite("unused", "{\"provider\": \"local\", \"exportEnvironment\": false, \"cores\": 4}")
                .job("a", "first", ", \"command\": \"a\"")
                .job("b", "second", ", \"command\": \"b\", \"site\": \"strict\"")
                .write(submit);
        ask(submit(file, Map.of("WHEN", "first", "PASSWORD", "geheim", "PATH", "/bin")));
        assertThat(storedEnvironment()).contains("WHEN", "first", "PATH").doesNotContain("PASSWORD", "geheim");
        ask(cancel("1"));
        awaitState("1", RunState.RUN_DELETED);
        ask(Request.newBuilder()
                .setRestart(RestartRequest.newBuilder()
                        .setRun("1")
                        .putEnvironment("WHEN", "second")
                        .putEnvironment("PASSWORD", "geheim")));
        assertThat(storedEnvironment()).contains("WHEN", "second").doesNotContain("PASSWORD", "geheim");
    }

    private String storedEnvironment() throws Exception {
        return Files.readString(home.resolve("environments/1"), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aRepeatedRequestIsAnsweredAndNotDoneAgain() throws Exception {
        startDaemon();
        Path file = chain().write(submit);
        try (TestClient client = new TestClient(home)) {
            Response first = client.ask("one", TestClient.VERSION, submit(file));
            assertThat(client.ask("one", TestClient.VERSION, submit(file))).isEqualTo(first);
            Response other = client.ask("two", TestClient.VERSION, submit(file));
            assertThat(other.getSubmit().getRun()).isEqualTo(1);
            assertThat(other.getSubmit().getExisted()).isTrue();
            Response cancelled = client.ask("three", TestClient.VERSION, cancel("1"));
            awaitState("1", RunState.RUN_DELETED);
            assertThat(client.ask("three", TestClient.VERSION, cancel("1"))).isEqualTo(cancelled);
        }
    }

    @Test
    void sitesOfOneNameAndOtherContentAreTwoSites() throws Exception {
        startDaemon();
        ask(submit(chain().write(directory.resolve("one"))));
        ask(submit(chain().write(directory.resolve("two"))));
        ask(submit(chain().site("{\"provider\": \"local\", \"cores\": 2, \"memory\": 2048}")
                .write(directory.resolve("three"))));
        assertThat(ask(Request.newBuilder().setSites(SitesRequest.getDefaultInstance()))
                        .getSites()
                        .getSitesList())
                .extracting(site -> site.getName())
                .containsExactlyInAnyOrder("here", "here~2");
    }

    @Test
    void anAllocationIsFollowedByTheOneOfALaterSubmissionOrRestart() throws Exception {
        startDaemon();
        String section = "{\"provider\": \"srun\", \"cores\": 2, \"memory\": 2048}";
        ask(submit(chain().site(section).write(directory.resolve("one")), Map.of("SLURM_JOB_ID", "77")));
        ask(submit(chain().site(section).write(directory.resolve("two")), Map.of("SLURM_JOB_ID", "78")));
        assertThat(siteNames()).containsExactly("here");
        assertThat(storedSites()).singleElement().asString().contains("\"allocation\":\"78\"");

        ask(cancel("1"));
        awaitState("1", RunState.RUN_DELETED);
        Response restarted = ask(Request.newBuilder()
                .setRestart(RestartRequest.newBuilder().setRun("1").putEnvironment("SLURM_JOB_ID", "79")));
        assertThat(restarted.getRestart().getMessagesList())
                .contains("blocks of site 'here' run in allocation 79 from now on");
        assertThat(storedSites()).singleElement().asString().contains("\"allocation\":\"79\"");
        Response elsewhere =
                ask(Request.newBuilder().setRestart(RestartRequest.newBuilder().setRun("1")));
        assertThat(elsewhere.getError().getKind()).isEqualTo(Error.Kind.CONFLICT);
    }

    @Test
    void aCheckShowsTheLinesThatABlockWouldBeginWith() throws Exception {
        startDaemon();
        CheckRequest.Builder check = CheckRequest.newBuilder();
        JsonFormat.parser().merge("""
                {"sites": {"far": {"provider": "slurm", "walltime": "01:00:00", "schedulerOptions": "#SBATCH --x",
                 "pools": {"a": {"cores": 3}}}, "old": {"provider": "pbs", "cores": 2}, "other": {"provider": "lsf"},
                 "near": {"provider": "local"}}}""", check);
        List<CheckedSite> sites =
                ask(Request.newBuilder().setCheck(check)).getCheck().getSitesList();

        assertThat(sites).extracting(CheckedSite::getName).containsExactly("far.a", "near", "old", "other");
        assertThat(sites.get(0).getHeadList())
                .startsWith("#SBATCH --job-name=interchange-far", "#SBATCH --nodes=1")
                .contains("#SBATCH --cpus-per-task=3")
                .endsWith("#SBATCH --x");
        assertThat(sites.get(1).getHeadList()).isEmpty();
        assertThat(sites.get(2).getHeadList()).contains("#PBS -N TOKEN", "#PBS -l select=1:ncpus=2");
        assertThat(sites.get(3).getHeadList()).contains("#BSUB -J TOKEN", "#BSUB -n 1");
    }

    @Test
    void allThatCameOfASectionIsResumedByItsName() throws Exception {
        startDaemon();
        String plain = "{\"provider\": \"local\", \"cores\": 2, \"memory\": 2048}";
        String pools = "{\"provider\": \"local\", \"cores\": 1, \"memory\": 512, \"pools\": {\"small\": {}}}";
        String other = "{\"provider\": \"local\", \"cores\": 3, \"memory\": 2048}";
        for (String section : List.of(plain, pools, other)) {
            ask(submit(chain().site(section)
                    .otherSite("hereafter", plain)
                    .job("d", "fourth", ", \"command\": \"d\", \"site\": \"hereafter\"")
                    .write(directory.resolve("of" + section.hashCode()))));
        }

        assertThat(ask(Request.newBuilder().setSites(SitesRequest.newBuilder().setResume("here")))
                        .getSites()
                        .getMessagesList())
                .containsExactlyInAnyOrder(
                        "site 'here' is asked for blocks again",
                        "site 'here.small' is asked for blocks again",
                        "site 'here~2' is asked for blocks again");
    }

    @Test
    void siteThatCanNotBeReadHoldsItsRunsAloneAndKeepsItsNumber() throws Exception {
        startDaemon();
        ask(submit(chain().write(directory.resolve("one"))));
        ask(stop(StopRequest.Mode.NOW));
        ((TestDaemon) open.getLast()).awaitEnd();
        changeJournal("UPDATE site SET settings = '{\"name\":\"here\",\"provider\":\"abacus\"}'");

        startDaemon();
        awaitState("1", RunState.RUN_HELD);
        ask(submit(chain().write(directory.resolve("two"))));
        assertThat(storedSites()).hasSize(2).first().asString().contains("abacus");
        assertThat(ask(Request.newBuilder()
                                .setRestart(RestartRequest.newBuilder().setRun("1")))
                        .getError()
                        .getMessages(0))
                .contains("is held");
    }

    private List<String> siteNames() throws Exception {
        return ask(Request.newBuilder().setSites(SitesRequest.getDefaultInstance())).getSites().getSitesList().stream()
                .map(site -> site.getName())
                .toList();
    }

    private List<String> storedSites() throws Exception {
        try (Connection journal = DriverManager.getConnection("jdbc:sqlite:" + home.resolve("journal.db"));
                Statement statement = journal.createStatement();
                ResultSet rows = statement.executeQuery("SELECT settings FROM site ORDER BY id")) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    private void changeJournal(String sql) throws Exception {
        try (Connection journal = DriverManager.getConnection("jdbc:sqlite:" + home.resolve("journal.db"));
                Statement statement = journal.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    // ---- what can't be

    @Test
    void aMachineOfAnotherArchitectureIsRefused() throws Exception {
        startDaemon();
        Path file = chain().write(submit);
        Response refused = ask(Request.newBuilder()
                .setSubmit(
                        SubmitRequest.newBuilder().setWorkflow(file.toString()).setArchitecture("vax")));
        assertThat(refused.getError().getKind()).isEqualTo(Error.Kind.USER);
        assertThat(refused.getError().getMessages(0)).contains("of the architecture vax");
        Response taken = ask(Request.newBuilder()
                .setSubmit(SubmitRequest.newBuilder()
                        .setWorkflow(file.toString())
                        .setArchitecture(System.getProperty("os.arch"))));
        assertThat(taken.getSubmit().getRun()).isEqualTo(1);
    }

    @Test
    void everyProblemOfAWorkflowIsSaidAndNothingOfItStays() throws Exception {
        startDaemon();
        WorkflowText bad = new WorkflowText()
                .job("a", "one", ", \"command\": \"x\", \"needs\": [\"nobody\"]")
                .job("a", "one", ", \"command\": \"x\"");
        Response refused = ask(submit(bad.write(submit)));
        assertThat(refused.getError().getKind()).isEqualTo(Error.Kind.USER);
        assertThat(String.join("\n", refused.getError().getMessagesList()))
                .contains("nobody")
                .contains("workflow.jsonl");
        assertThat(refused.getError().getMessagesCount()).isGreaterThanOrEqualTo(2);
        Response unknownKey = ask(
                submit(chain().site("{\"provider\": \"local\", \"croes\": 2}").write(directory.resolve("other"))));
        assertThat(unknownKey.getError().getMessages(0)).contains("croes");
        assertThat(ask(Request.newBuilder().setList(ListRequest.newBuilder().setHistoryDays(-1)))
                        .getList()
                        .getRunsList())
                .isEmpty();
        assertThat(ask(Request.newBuilder().setSites(SitesRequest.getDefaultInstance()))
                        .getSites()
                        .getSitesList())
                .isEmpty();
    }

    @Test
    void aSubmitDirectoryThatIsNotThereIsSaidAtOnce() throws Exception {
        startDaemon();
        Path file = chain().write(submit);
        Path elsewhere = Files.move(file, directory.resolve("elsewhere.jsonl"));
        Files.delete(submit);
        assertThat(ask(submit(elsewhere)).getError().getMessages(0))
                .contains(submit.toString())
                .contains("no such directory");
        // Root may write anywhere, but not below a file.
        Files.createDirectory(submit);
        Files.createFile(submit.resolve("logs"));
        assertThat(ask(submit(elsewhere)).getError().getMessages(0)).contains("output of jobs can't be written");
    }

    @Test
    void whatIsNotThereIsNamedWithTheNextStep() throws Exception {
        startDaemon();
        assertThat(ask(report("17")).getError())
                .isEqualTo(Error.newBuilder()
                        .setKind(Error.Kind.NOT_FOUND)
                        .addMessages("no run 17; `interchange list --all` shows the runs")
                        .build());
        ask(submit(chain().write(submit)));
        assertThat(ask(Request.newBuilder()
                                .setExplain(
                                        ExplainRequest.newBuilder().setRun("1").setJob("nothing")))
                        .getError()
                        .getMessages(0))
                .contains("run 1 has no job 'nothing'");
        Response explained = ask(Request.newBuilder()
                .setExplain(ExplainRequest.newBuilder().setRun("1").setJob("b")));
        assertThat(explained.getExplain().getReasonsList()).isNotEmpty();
        assertThat(explained.getExplain().getJob().getState()).isEqualTo(JobState.UNREADY);
    }

    @Test
    void aClientOfAVersionTooFarAwayIsToldBoth() throws Exception {
        startDaemon();
        try (TestClient client = new TestClient(home)) {
            Response refused = client.ask("x", "7.0.0", Request.newBuilder().setPing(PingRequest.getDefaultInstance()));
            assertThat(refused.getError().getKind()).isEqualTo(Error.Kind.VERSION);
            assertThat(refused.getError().getMessages(0)).contains("7.0.0").contains(TestClient.VERSION);
        }
    }

    @Test
    void aHomeThatIsOpenToOthersIsRefused() throws Exception {
        Files.createDirectory(home);
        Files.setPosixFilePermissions(home, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(() -> new TestDaemon(home, jars))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("chmod 700 " + home);
    }
}
