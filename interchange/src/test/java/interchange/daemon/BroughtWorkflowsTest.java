package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.control.JobRequest;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobState;
import interchange.proto.control.ReportRequest;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.RestartRequest;
import interchange.proto.control.RunState;
import interchange.proto.control.StopRequest;
import interchange.proto.control.SubmitRequest;
import interchange.proto.worker.Task;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A job writes a workflow, and the daemon takes it into the run that goes on. */
@Timeout(180)
class BroughtWorkflowsTest {
    @TempDir
    Path directory;

    private Path home = Path.of("");
    private Path submit = Path.of("");
    private Path jars = Path.of("");
    private Optional<TestDaemon> running = Optional.empty();
    private Optional<ScriptedWorker> worker = Optional.empty();

    @BeforeEach
    void start() throws Exception {
        home = directory.resolve("home");
        submit = directory.resolve("submit");
        jars = TestDaemon.fakeJars(directory.resolve("jars"));
        running = Optional.of(new TestDaemon(home, jars));
    }

    @AfterEach
    void stop() throws Exception {
        if (!daemon().daemon.hasEnded()) {
            ask(Request.newBuilder().setStop(StopRequest.newBuilder().setMode(StopRequest.Mode.NOW)));
            daemon().awaitEnd();
        }
        if (worker.isPresent()) {
            worker.get().close();
        }
    }

    private TestDaemon daemon() {
        return running.orElseThrow();
    }

    private ScriptedWorker worker() {
        return worker.orElseThrow();
    }

    private interchange.proto.control.Response ask(Request.Builder request) throws Exception {
        try (TestClient client = new TestClient(home)) {
            return client.ask(request);
        }
    }

    /** A run of one job that brings what the test writes; its other jobs end with an exit code. */
    private void run(ToIntFunction<Task> exitCodes) throws Exception {
        Path file = new WorkflowText()
                .job("prepare", "prepare", ", \"command\": \"x\", \"brings\": \"payload.jsonl\", \"retries\": 1")
                .write(submit);
        interchange.proto.control.Response answer = ask(Request.newBuilder()
                .setSubmit(SubmitRequest.newBuilder()
                        .setWorkflow(file.toString())
                        .putAllEnvironment(Map.of("PATH", "/bin"))));
        assertThat(answer.getSubmit().getRun()).isEqualTo(1);
        TestDaemon.await("the block's token", () -> !token().isEmpty());
        worker = Optional.of(new ScriptedWorker(home, token(), exitCodes));
    }

    private String token() {
        try (DirectoryStream<Path> blocks = Files.newDirectoryStream(home.resolve("blocks"), "1-*")) {
            for (Path block : blocks) {
                if (Files.exists(block.resolve("token"))) {
                    return Files.readString(block.resolve("token")).strip();
                }
            }
            return "";
        } catch (IOException e) {
            return "";
        }
    }

    /** As the job would, by another name first. */
    private void bring(WorkflowText payload, int attempt) {
        try {
            Path written = payload.write(submit.resolve("node"));
            String text =
                    Files.readString(written).replace("\"notes\"", "\"writtenByAttempt\": " + attempt + ", \"notes\"");
            Files.writeString(written, text);
            Files.move(written, submit.resolve("payload.jsonl"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static WorkflowText payload() {
        return new WorkflowText()
                .job("isr", "isr", ", \"argv\": [\"isr\"], \"environment\": {\"ROLE\": \"payload\"}")
                .job("warp", "warp", ", \"argv\": [\"warp\"], \"needs\": [\"isr\"]")
                .job("final", "finalJob", ", \"argv\": [\"final\"], \"final\": true");
    }

    private ReportResponse report() throws Exception {
        return ask(Request.newBuilder().setReport(ReportRequest.newBuilder().setRun("1")))
                .getReport();
    }

    private ReportResponse awaitEnd() {
        TestDaemon.await("the end of the run", () -> {
            try {
                RunState state = report().getSummary().getState();
                return state != RunState.RUN_RUNNING && state != RunState.RUN_READY;
            } catch (Exception e) {
                return false;
            }
        });
        try {
            return report();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private JobResponse job(String name) throws Exception {
        return ask(Request.newBuilder()
                        .setJob(JobRequest.newBuilder().setRun("1").setJob(name)))
                .getJob();
    }

    private List<String> ran() {
        return worker().tasks.stream().map(Task::getName).toList();
    }

    @Test
    void itsJobsRunBehindTheOneThatBroughtThem() throws Exception {
        run(task -> {
            if (task.getName().equals("prepare")) {
                bring(payload(), 0);
            }
            return 0;
        });

        ReportResponse report = awaitEnd();

        assertThat(report.getSummary().getState()).isEqualTo(RunState.RUN_SUCCEEDED);
        assertThat(ran()).containsExactly("prepare", "isr", "warp", "final");
        assertThat(report.getLabelsList())
                .extracting(label -> label.getLabel())
                .containsExactly("prepare", "isr", "warp", "finalJob");
        assertThat(worker().environments.get(worker().tasks.get(1).getEnvironment()))
                .containsEntry("ROLE", "payload")
                .containsEntry("PATH", "/bin");
        assertThat(worker().environments.get(worker().tasks.get(2).getEnvironment()))
                .doesNotContainKey("ROLE");
        assertThat(job("warp").getStdout())
                .isEqualTo(submit.resolve("node/logs/warp.stdout").toString());
    }

    @Test
    void onlyWhatTheAttemptThatSucceededHasWrittenCounts() throws Exception {
        run(task -> {
            if (!task.getName().equals("prepare")) {
                return 0;
            }
            int attempt = task.getAttempt().getNumber();
            if (attempt == 0) {
                bring(new WorkflowText().job("stale", "stale", ", \"argv\": [\"stale\"]"), attempt);
                return 1;
            }
            try {
                Files.delete(submit.resolve("payload.jsonl"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            bring(payload(), attempt);
            return 0;
        });

        assertThat(awaitEnd().getSummary().getState()).isEqualTo(RunState.RUN_SUCCEEDED);
        assertThat(ran()).containsExactly("prepare", "prepare", "isr", "warp", "final");
    }

    @Test
    void aDaemonThatDiesMeanwhileTakesItInLater() throws Exception {
        run(task -> 0);
        TestDaemon.await("the attempt's end", () -> {
            try {
                return job("prepare").getAttemptsCount() == 1
                        && job("prepare").getAttempts(0).hasExitCode();
            } catch (Exception e) {
                return false;
            }
        });
        assertThat(job("prepare").getJob().getState()).isEqualTo(JobState.RUNNING);
        daemon().breakOff();
        bring(payload(), 0);
        running = Optional.of(new TestDaemon(home, jars));

        assertThat(awaitEnd().getSummary().getState()).isEqualTo(RunState.RUN_SUCCEEDED);
        assertThat(ran()).as("each once").containsExactly("prepare", "isr", "warp", "final");
    }

    @Test
    void whatIsNoWorkflowFailsTheRunWithItsReasonsAndARestartTriesAgain() throws Exception {
        run(task -> {
            if (task.getName().equals("prepare") && task.getAttempt().getNumber() == 0) {
                bring(new WorkflowText().job("prepare", "isr", ", \"argv\": [\"x\"], \"needs\": [\"nobody\"]"), 0);
            } else if (task.getName().equals("prepare")) {
                try {
                    Files.delete(submit.resolve("payload.jsonl"));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                bring(payload(), task.getAttempt().getNumber());
            }
            return 0;
        });

        ReportResponse report = awaitEnd();

        assertThat(report.getSummary().getState()).isEqualTo(RunState.RUN_FAILED);
        assertThat(ran()).as("no final job").containsExactly("prepare");
        assertThat(report.getMessagesList())
                .anyMatch(message -> message.contains("job 'prepare' has succeeded, but the workflow")
                        && message.contains("the run has a job of this name already")
                        && message.contains("needs 'nobody'"));

        ask(Request.newBuilder()
                .setRestart(RestartRequest.newBuilder().setRun("1").putEnvironment("PATH", "/bin")));
        ReportResponse again = awaitEnd();
        assertThat(again.getSummary().getState()).isEqualTo(RunState.RUN_SUCCEEDED);
        assertThat(again.getMessagesList()).as("what is mended").noneMatch(message -> message.contains("nobody"));
        assertThat(ran()).containsExactly("prepare", "prepare", "isr", "warp", "final");
    }
}
