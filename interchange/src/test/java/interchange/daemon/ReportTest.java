package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.journal.SqliteJournal;
import interchange.proto.control.Error;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.proto.control.JobsRequest;
import interchange.proto.control.LabelReport;
import interchange.proto.control.LabelUsage;
import interchange.proto.control.ListRequest;
import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.control.RestartRequest;
import interchange.proto.control.RunState;
import interchange.proto.control.StateCount;
import interchange.proto.control.StopRequest;
import interchange.proto.control.SubmitRequest;
import interchange.proto.control.UsageRequest;
import interchange.proto.worker.Task;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of runs that have no-ops, grow, wait and end early; by a whole daemon. */
@Timeout(180)
class ReportTest {
    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private Path home = Path.of("");
    private Path submit = Path.of("");

    @BeforeEach
    void prepare() throws Exception {
        home = directory.resolve("home");
        submit = directory.resolve("submit");
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            if (each instanceof TestDaemon daemon && !daemon.daemon.hasEnded()) {
                ask(Request.newBuilder().setStop(StopRequest.newBuilder().setMode(StopRequest.Mode.NOW)));
                daemon.awaitEnd();
            }
            each.close();
        }
    }

    private void startDaemon() throws Exception {
        open.add(new TestDaemon(home, TestDaemon.fakeJars(directory.resolve("jars"))));
    }

    private Response ask(Request.Builder request) throws Exception {
        try (TestClient client = new TestClient(home)) {
            return client.ask(request);
        }
    }

    private void submit(WorkflowText workflow) throws Exception {
        Response response = ask(Request.newBuilder()
                .setSubmit(SubmitRequest.newBuilder()
                        .setWorkflow(workflow.write(submit).toString())
                        .putAllEnvironment(Map.of("PATH", "/bin"))));
        assertThat(response.getError().getMessagesList()).isEmpty();
    }

    private ScriptedWorker startWorker(int block, ToIntFunction<Task> exitCodes) {
        TestDaemon.await("the block's token", () -> !tokensOf(block).isEmpty());
        ScriptedWorker worker = new ScriptedWorker(home, tokensOf(block).getFirst(), exitCodes);
        open.add(worker);
        return worker;
    }

    private List<String> tokensOf(int number) {
        List<String> tokens = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(home.resolve("blocks"), number + "-*")) {
            for (Path block : files) {
                if (Files.exists(block.resolve("token"))) {
                    tokens.add(Files.readString(block.resolve("token")).strip());
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return tokens;
    }

    private ReportResponse report() throws Exception {
        Response response =
                ask(Request.newBuilder().setReport(ReportRequest.newBuilder().setRun("1")));
        assertThat(response.getError().getMessagesList()).isEmpty();
        addsUp(response.getReport());
        return response.getReport();
    }

    private static void addsUp(ReportResponse report) {
        long expected = report.getLabelsList().stream()
                .mapToLong(LabelReport::getExpected)
                .sum();
        assertThat(report.getSummary().getJobs()).isEqualTo(expected);
        assertThat(sum(report.getSummary().getCountsList())).isEqualTo(expected);
        for (LabelReport label : report.getLabelsList()) {
            assertThat(sum(label.getCountsList()))
                    .isEqualTo(label.getExpected())
                    .isPositive();
            long failed = label.getCountsList().stream()
                    .filter(count -> count.getState() == JobState.FAILED)
                    .mapToLong(StateCount::getCount)
                    .sum();
            assertThat(label.getExitCodesCount()).isEqualTo((int) failed);
            assertThat(label.getLabel()).doesNotStartWith(":");
        }
    }

    private static long sum(List<StateCount> counts) {
        return counts.stream().mapToLong(StateCount::getCount).sum();
    }

    private ReportResponse awaitState(RunState state) throws Exception {
        TestDaemon.await("the run is " + state, () -> {
            try {
                return report().getSummary().getState() == state;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        return report();
    }

    private Response restart(String run) throws Exception {
        return ask(Request.newBuilder()
                .setRestart(RestartRequest.newBuilder().setRun(run).putEnvironment("PATH", "/bin")));
    }

    private static List<String> labels(ReportResponse report) {
        return report.getLabelsList().stream().map(LabelReport::getLabel).toList();
    }

    /** As a job writes it. */
    private void bring(int attempt) {
        try {
            Files.write(
                    submit.resolve("more.jsonl"),
                    List.of(
                            "{\"header\": {\"format\": 1, \"submission\": \"" + UUID.randomUUID()
                                    + "\", \"name\": \"more\", \"submitDirectory\": \"" + submit
                                    + "\", \"site\": \"here\", \"sites\": {\"here\": {\"provider\": \"local\", \"cores\": 4,"
                                    + " \"memory\": 4096}}, \"labels\": [\"late\", \"never\"], \"writtenByAttempt\": "
                                    + attempt + "}}",
                            "{\"job\": {\"name\": \"x\", \"label\": \"late\", \"argv\": [\"x\"]}}",
                            "{\"job\": {\"name\": \"gate2\", \"kind\": \"NOOP\", \"needs\": [\"x\"]}}",
                            "{\"job\": {\"name\": \"y\", \"label\": \"later\", \"argv\": [\"y\"], \"needs\": [\"gate2\"]}}",
                            "{\"trailer\": {\"jobs\": 3}}"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static WorkflowText growing() {
        return new WorkflowText()
                .job("a", "first", ", \"argv\": [\"a\"]")
                .job("end", "finalJob", ", \"argv\": [\"end\"], \"final\": true")
                .job("gate", "", ", \"kind\": \"NOOP\", \"needs\": [\"a\"]")
                .job("b", "second", ", \"argv\": [\"b\"], \"needs\": [\"gate\"], \"brings\": \"more.jsonl\"");
    }

    @Test
    void noopsAreInNoReportAndWhatARunGrowsByIsBeforeItsFinalJob() throws Exception {
        startDaemon();
        submit(growing());
        ReportResponse first = report();
        assertThat(first.getSummary().getState()).isEqualTo(RunState.RUN_READY);
        assertThat(first.getSummary().getJobs()).isEqualTo(3);
        assertThat(labels(first)).containsExactly("first", "second", "finalJob");
        startWorker(1, task -> {
            if (task.getName().equals("b")) {
                bring(task.getAttempt().getNumber());
            }
            return 0;
        });

        ReportResponse last = awaitState(RunState.RUN_SUCCEEDED);

        assertThat(labels(last)).containsExactly("first", "second", "late", "later", "finalJob");
        assertThat(last.getSummary().getJobs()).isEqualTo(5);
        Response jobs = ask(Request.newBuilder()
                .setJobs(JobsRequest.newBuilder().setRun("1").setAfter(-1)));
        assertThat(jobs.getJobs().getJobsList()).extracting(JobRow::getName).containsExactly("a", "end", "b", "x", "y");
        assertThat(ask(Request.newBuilder().setList(ListRequest.newBuilder().setHistoryDays(1)))
                        .getList()
                        .getRuns(0)
                        .getJobs())
                .isEqualTo(5);
        assertThat(restart("1").getError().getMessages(0)).contains("every job of run 1 has succeeded");
        Response usage =
                ask(Request.newBuilder().setUsage(UsageRequest.newBuilder().setRun(submit.toString())));
        assertThat(usage.getUsage().getLabelsList())
                .extracting(LabelUsage::getLabel, LabelUsage::getJobs, LabelUsage::getRetries, LabelUsage::getFinal)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("first", 1L, 0L, false),
                        org.assertj.core.groups.Tuple.tuple("second", 1L, 0L, false),
                        org.assertj.core.groups.Tuple.tuple("late", 1L, 0L, false),
                        org.assertj.core.groups.Tuple.tuple("later", 1L, 0L, false),
                        org.assertj.core.groups.Tuple.tuple("finalJob", 1L, 0L, true));
    }

    @Test
    void aRunThatFailedByWhatAJobBroughtSaysSoAndGoesOnAfterARestart() throws Exception {
        startDaemon();
        submit(growing());
        // Not by the attempt's number: one may be taken back before it starts.
        AtomicBoolean first = new AtomicBoolean(true);
        startWorker(1, task -> {
            if (task.getName().equals("b") && first.getAndSet(false)) {
                broken(task.getAttempt().getNumber());
            } else if (task.getName().equals("b")) {
                bring(task.getAttempt().getNumber());
            }
            return 0;
        });
        ReportResponse failed = awaitState(RunState.RUN_FAILED);
        assertThat(failed.getMessagesList())
                .anySatisfy(message -> assertThat(message)
                        .startsWith(
                                "job 'b' has succeeded, but the workflow that it was to write can't be taken in: "));
        assertThat(failed.getLabels(1).getExitCodesList()).containsExactly(0);

        assertThat(restart(submit.toString()).getError().getMessagesList()).isEmpty();

        assertThat(labels(awaitState(RunState.RUN_SUCCEEDED)))
                .containsExactly("first", "second", "late", "later", "finalJob");
    }

    /** Refused for what it asks, which looking again can't mend. */
    private void broken(int attempt) {
        bring(attempt);
        try {
            Path file = submit.resolve("more.jsonl");
            Files.writeString(
                    file, Files.readString(file).replace("\"provider\": \"local\"", "\"provider\": \"nobody\""));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aRunThatAJobHasEndedSaysSoAndGoesOnAfterARestart() throws Exception {
        startDaemon();
        submit(new WorkflowText()
                .job("a", "first", ", \"argv\": [\"a\"], \"abortOnExit\": 3, \"abortReturn\": 1, \"retries\": 5")
                .job("b", "second", ", \"argv\": [\"b\"], \"needs\": [\"a\"]"));
        ScriptedWorker worker = startWorker(
                1, task -> task.getName().equals("a") && task.getAttempt().getNumber() == 0 ? 3 : 0);
        ReportResponse failed = awaitState(RunState.RUN_FAILED);
        assertThat(failed.getMessagesList())
                .contains(
                        "job 'a' ended with exit code 3, which ends the whole run, as a failure: what had not ended by"
                                + " then is DELETED");
        assertThat(failed.getLabels(0).getExitCodesList()).containsExactly(3);
        // Earlier logs are kept under the numbers of their attempts, which go on.
        assertThat(restart("1").getRestart().getRun()).isEqualTo(1);
        int block = 2;
        TestDaemon.await("a block", () -> !tokensOf(block).isEmpty() || worker.tasks.size() > 1);
        if (!tokensOf(block).isEmpty()) {
            startWorker(block, task -> 0);
        }
        ReportResponse done = awaitState(RunState.RUN_SUCCEEDED);
        assertThat(done.getMessagesList()).noneMatch(message -> message.contains("exit code 3"));
    }

    @Test
    void aSuccessThatAJobHasMadeOfARunIsNoReasonToRunItAgain() throws Exception {
        startDaemon();
        submit(new WorkflowText()
                .job("a", "first", ", \"argv\": [\"a\"], \"abortOnExit\": 3")
                .job("b", "second", ", \"argv\": [\"b\"], \"needs\": [\"a\"]"));
        startWorker(1, task -> 3);
        awaitState(RunState.RUN_SUCCEEDED);
        Response refused = restart("1");
        assertThat(refused.getError().getKind()).isEqualTo(Error.Kind.CONFLICT);
        assertThat(refused.getError().getMessages(0))
                .isEqualTo("run 1 has succeeded, by the exit code of job 'a', which ended it: there is nothing to run"
                        + " again");
    }

    @Test
    void whatWaitsForALimitIsSaidAndWhichNamesLimitNothing() throws Exception {
        Files.createDirectories(home);
        Files.setPosixFilePermissions(home, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Files.writeString(home.resolve("config.yaml"), "concurrencyLimits: {db: 1}\n");
        startDaemon();
        submit(new WorkflowText()
                .job("a", "first", ", \"argv\": [\"a\"], \"concurrencyLimit\": \"db\"")
                .job("b", "first", ", \"argv\": [\"b\"], \"concurrencyLimit\": \"db,tape\"")
                .job("c", "first", ", \"argv\": [\"c\"], \"concurrencyLimit\": \"db\"")
                .job("end", "finalJob", ", \"argv\": [\"e\"], \"final\": true, \"concurrencyLimit\": \"db_limit\""));
        ScriptedWorker worker = startWorker(1, task -> ScriptedWorker.NEVER);
        TestDaemon.await("one runs", () -> worker.tasks.size() == 1);

        assertThat(report().getMessagesList())
                .contains("2 jobs wait for concurrency limit 'db': jobs at workers count 1 of 1")
                .anyMatch(message -> message.startsWith("concurrency limit 'tape' limits nothing: "))
                .noneMatch(message -> message.contains("db_limit"));
    }

    @Test
    void whyJobsFailedIsSaidWhereTheirExitCodesDoNot() throws Exception {
        startDaemon();
        submit(new WorkflowText().job("a", "first", ", \"argv\": [\"a\"], \"retries\": 0"));
        startWorker(1, task -> 7);
        ReportResponse report = awaitState(RunState.RUN_FAILED);
        assertThat(report.getMessagesList()).noneMatch(message -> message.contains("failed"));
        assertThat(report.getLabels(0).getExitCodesList()).containsExactly(7);
    }

    // ---- runs of earlier times

    @Test
    void aRunThatEndedUnderTheFirstVersionIsToldOfWhole() throws Exception {
        writeFirstVersion("""
                INSERT INTO site (id, name, settings) VALUES (1, 'here', '{}');
                INSERT INTO run (id, submission, global_id, name, submit_directory, site, jobs, final_job, submitted_ms,
                    appeared_ms, state, ended_ms) VALUES (1, 's', 'g', 'old', '/old', 'here', 4, 3, 1000, 1000, 2, 9000);
                INSERT INTO label VALUES (1, 0, 'isr'), (1, 1, 'coadd'), (1, 2, 'finalJob');
                INSERT INTO job VALUES (1, 0, 0, 1, 1, 5, 0, 0, 2, '[]', '[]', 0, 0, 0, '', 'a'),
                    (1, 1, 0, 1, 1, 5, 0, 0, 2, '[]', '[]', 0, 0, 0, '', 'b'),
                    (1, 2, 1, 1, 1, 5, 0, 0, 2, '[]', '[0,1]', 0, 0, 0, '', 'c'),
                    (1, 3, 2, 1, 1, 5, 0, 0, 2, '[]', '[]', 0, 0, 0, '', 'last');
                INSERT INTO job_state VALUES (1, 0, 0, 1, 0), (1, 1, 0, 2, 0), (1, 2, 1, 3, 0), (1, 3, 2, 1, 0);
                INSERT INTO attempt (run, job, number, generation, worker, assigned_ms, started_ms, ended_ms, ending,
                    exit_code) VALUES (1, 0, 0, 0, 1, 1, 2, 3, 0, 0), (1, 1, 0, 0, 1, 1, 2, 3, 1, 4),
                    (1, 3, 0, 0, 1, 1, 2, 3, 0, 0);""");
        startDaemon();

        ReportResponse old = report();

        assertThat(old.getSummary().getState()).isEqualTo(RunState.RUN_FAILED);
        assertThat(labels(old)).containsExactly("isr", "coadd", "finalJob");
        assertThat(old.getLabels(0).getExitCodesList()).containsExactly(4);
        assertThat(ask(Request.newBuilder().setList(ListRequest.newBuilder().setHistoryDays(1e6)))
                        .getList()
                        .getRunsList())
                .singleElement()
                .satisfies(run -> assertThat(sum(run.getCountsList())).isEqualTo(4));
    }

    /** A run whose site this version can't use any more: the daemon keeps it, and says why it does not go on. */
    @Test
    void aHeldRunIsToldOfWithWhyItDoesNotGoOn() throws Exception {
        writeFirstVersion("""
                INSERT INTO site (id, name, settings) VALUES (1, 'here', '{"name": "here", "provider": "abacus"}');
                INSERT INTO run (id, submission, global_id, name, submit_directory, site, jobs, final_job, submitted_ms,
                    appeared_ms) VALUES (1, 's', 'g', 'old', '/old', 'here', 2, -1, 1000, 1000);
                INSERT INTO label VALUES (1, 0, 'isr');
                INSERT INTO job VALUES (1, 0, 0, 1, 1, 5, 0, 0, 2, '[]', '[]', 0, 0, 0, '', 'a'),
                    (1, 1, 0, 1, 1, 5, 0, 0, 2, '[]', '[0]', 0, 0, 0, '', 'b');
                INSERT INTO job_state VALUES (1, 0, 0, 1, 0), (1, 1, 0, 0, 0);""");
        startDaemon();

        ReportResponse held = report();

        assertThat(held.getSummary().getState()).isEqualTo(RunState.RUN_HELD);
        assertThat(held.getMessagesList())
                .anySatisfy(message -> assertThat(message).contains("abacus"));
    }

    private void writeFirstVersion(String rows) throws Exception {
        Files.createDirectories(home);
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        try (InputStream script = SqliteJournal.class.getResourceAsStream("schema/001.sql");
                Connection connection = DriverManager.getConnection("jdbc:sqlite:" + home.resolve("journal.db"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8));
            statement.executeUpdate(rows);
            statement.executeUpdate("PRAGMA application_id = " + 0x696e7463);
            statement.executeUpdate("PRAGMA user_version = 1");
        }
    }

    @Test
    void packsOfAPoolAreToldOfAsThoseOfASite() throws Exception {
        startDaemon();
        submit(new WorkflowText()
                .site("{\"provider\": \"local\", \"cores\": 4, \"memory\": 4096, \"pools\": {\"small\": {\"logs\":"
                        + " \"pack\", \"maxJobMemory\": 1000}, \"large\": {}}}")
                .job("a", "x", ", \"command\": \"false\""));
        startWorker(1, task -> 3);
        ReportResponse report = awaitState(RunState.RUN_FAILED);
        assertThat(report.getMessagesList())
                .contains("what failed jobs printed is in packs: `interchange logs 1 JOB --stderr` shows it");
    }
}
