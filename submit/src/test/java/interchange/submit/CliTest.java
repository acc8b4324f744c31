package interchange.submit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.proto.control.CheckResponse;
import interchange.proto.control.CheckedSite;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.Error;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.proto.control.JobsRequest;
import interchange.proto.control.JobsResponse;
import interchange.proto.control.LabelReport;
import interchange.proto.control.LabelUsage;
import interchange.proto.control.ListResponse;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.control.RestartResponse;
import interchange.proto.control.RunState;
import interchange.proto.control.RunSummary;
import interchange.proto.control.Spread;
import interchange.proto.control.StateCount;
import interchange.proto.control.SubmitResponse;
import interchange.proto.control.UsageResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CliTest {
    private static final String WORKFLOW = """
            name: demo
            site: {name: here, provider: local}
            jobs:
              - {name: a, command: "true"}
            """;

    @TempDir
    Path home;

    @TempDir
    Path directory;

    private Caller caller;

    @BeforeEach
    void typeIn() {
        caller = new Caller(home, directory);
    }

    private static UsageResponse.Builder usage() {
        return UsageResponse.newBuilder()
                .setRun(7)
                .setName("demo")
                .addLabels(LabelUsage.newBuilder()
                        .setLabel("isr")
                        .setJobs(3)
                        .setAttempts(4)
                        .setRetries(1)
                        .setWarm(3)
                        .setOverMemory(2)
                        .setLostMillis(61_000)
                        .setCpus(2)
                        .setMemoryMib(4096)
                        .setWalltimeSeconds(3600)
                        .setWallMillis(spread(2_000, 2_100_000))
                        .setCpuMillis(spread(1_000, 9_000))
                        .setPeakMemoryMib(spread(700, 1_000)))
                .addLabels(LabelUsage.newBuilder().setLabel("no").setJobs(1).setAttempts(1))
                .addLabels(LabelUsage.newBuilder()
                        .setLabel("buildQuantumGraph")
                        .setJobs(1)
                        .setAttempts(1)
                        .setPeakMemoryMib(spread(90, 90)))
                .addLabels(LabelUsage.newBuilder()
                        .setLabel("finalJob")
                        .setFinal(true)
                        .setJobs(1)
                        .setAttempts(1)
                        .setPeakMemoryMib(spread(90, 90)));
    }

    private static Spread.Builder spread(long median, long most) {
        return Spread.newBuilder()
                .setCount(3)
                .setMedian(median)
                .setPercentile95(most)
                .setMaximum(most);
    }

    @Test
    void usageIsATableOfLabelsAndASettingForEach() throws IOException {
        try (FakeDaemon daemon =
                new FakeDaemon(home, FakeDaemon.always(Response.newBuilder().setUsage(usage())))) {
            assertThat(caller.run("report", "7", "--usage")).isZero();
            assertThat(caller.out().lines().toList())
                    .anySatisfy(
                            row -> assertThat(row.replaceAll(" +", " "))
                                    .isEqualTo(
                                            "isr 3 1 3 1m01s 2.0s 35m00s 35m00s 1h00m 1.0s 9.0s 9.0s 2 700 1000 1000 4096 2 -"));
            assertThat(daemon.asked().getFirst().getUsage().getRun()).isEqualTo("7");

            assertThat(caller.run("report", "7", "--usage", "--format", "yaml")).isZero();
            assertThat(caller.out().lines().filter(line -> !line.startsWith("#")))
                    .containsExactly(
                            "pipetask:",
                            "  isr:",
                            "    requestMemory: 1280  # was 4096",
                            "    requestWalltime: 60  # was 60",
                            "  # \"no\": no measured success",
                            "buildQuantumGraph:",
                            "  requestMemory: 512",
                            "finalJob:",
                            "  requestMemory: 512");

            assertThat(caller.run("report", "7", "--usage", "--json")).isZero();
            assertThat(caller.out()).contains("\"retries\":1", "\"percentile95\":1000");
            assertThat(caller.run("report", "7", "--format", "yaml")).isEqualTo(2);
            assertThat(caller.run("report", "7", "--usage", "--format", "xml")).isEqualTo(2);
        }
    }

    @Test
    void aRunThatIsNamedInTwoWaysIsCancelledOnce() throws IOException {
        try (FakeDaemon daemon = new FakeDaemon(
                home,
                request -> List.of(
                        request.hasReport()
                                ? Response.newBuilder()
                                        .setReport(ReportResponse.newBuilder()
                                                .setSummary(
                                                        RunSummary.newBuilder().setId(3)))
                                : Response.newBuilder().setDone(DoneResponse.getDefaultInstance())))) {
            assertThat(caller.run("cancel", "3", "/runs/three")).isZero();
            assertThat(daemon.asked())
                    .filteredOn(Request::hasCancel)
                    .extracting(request -> request.getCancel().getRun())
                    .containsExactly("3");
        }
    }

    @Test
    void severalRunsAreCancelledEachOnceAndOneThatCanNotBeKeepsNoneFromIt() throws IOException {
        try (FakeDaemon daemon = new FakeDaemon(
                home,
                request -> List.of(
                        request.getCancel().getRun().equals("4")
                                ? FakeDaemon.error(Error.Kind.CONFLICT, "run 4 has ended")
                                : Response.newBuilder()
                                        .setDone(DoneResponse.newBuilder()
                                                .addMessages("run "
                                                        + request.getCancel().getRun() + " is being cancelled"))))) {
            assertThat(caller.run("cancel", "3", "4", "3", "5")).isEqualTo(1);
            assertThat(caller.out().lines()).containsExactly("run 3 is being cancelled", "run 5 is being cancelled");
            assertThat(caller.err()).contains("run 4 has ended");
            assertThat(daemon.asked())
                    .extracting(request -> request.getCancel().getRun())
                    .containsExactly("3", "4", "5");
            assertThat(caller.run("cancel", "3", "--force", "--json")).isZero();
            assertThat(daemon.asked().getLast().getCancel().getForce()).isTrue();
            assertThat(caller.run("cancel", "4", "5", "--json")).isEqualTo(1);
            assertThat(caller.out()).startsWith("{\"error\":{\"kind\":\"CONFLICT\"");
            assertThat(caller.run("cancel")).isEqualTo(2);
        }
    }

    @Test
    void listIsATableOfRuns() throws IOException {
        var runs = ListResponse.newBuilder().addRuns(run(RunState.RUN_RUNNING).setSite("sdf"));
        try (FakeDaemon daemon =
                new FakeDaemon(home, FakeDaemon.always(Response.newBuilder().setList(runs)))) {
            assertThat(caller.run("list", "--hist", "2.5", "--user", "astra")).isZero();
            assertThat(caller.out().lines().toList())
                    .satisfiesExactly(
                            heading -> assertThat(heading).startsWith("RUN  STATE    JOBS  DONE"),
                            row -> assertThat(row)
                                    .startsWith("  7  RUNNING    10     4")
                                    .endsWith("demo"));
            assertThat(daemon.asked().getFirst().getList().getHistoryDays()).isEqualTo(2.5);
            assertThat(daemon.asked().getFirst().getList().getOperator()).isEqualTo("astra");
        }
    }

    @Test
    void jsonHasNumbersEnumNamesAndDefaults() throws IOException {
        var runs = ListResponse.newBuilder().addRuns(run(RunState.RUN_FAILED));
        try (FakeDaemon daemon =
                new FakeDaemon(home, FakeDaemon.always(Response.newBuilder().setList(runs)))) {
            assertThat(caller.run("list", "--json")).isZero();
            assertThat(caller.out())
                    .contains("\"id\":7", "\"jobs\":10", "\"state\":\"RUN_FAILED\"", "\"endedEpochMillis\":0")
                    .contains("\"attributes\":{}", "\"cancelling\":false");
            assertThat(daemon.asked()).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"USER,2", "NOT_FOUND,4", "CONFLICT,1", "UNAVAILABLE,5", "VERSION,5", "INTERNAL,5"})
    void errorsOfTheDaemonAreExitCodesAndMessages(Error.Kind kind, int exitCode) throws IOException {
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(FakeDaemon.error(kind, "one", "two")))) {
            assertThat(caller.run("report", "3", "--json")).isEqualTo(exitCode);
            assertThat(caller.err()).isEqualTo("interchange: one\ninterchange: two\n");
            assertThat(caller.out())
                    .isEqualTo("{\"error\":{\"kind\":\"" + kind + "\",\"messages\":[\"one\",\"two\"]}}\n");
            assertThat(daemon.asked()).hasSize(1);
        }
    }

    @Test
    void withoutADaemonNothingIsStartedWhereThatIsTurnedOff() {
        assertThat(caller.run("list", "--json")).isEqualTo(3);
        assertThat(caller.err()).contains("no daemon answers").contains("interchange start");
        assertThat(caller.out()).startsWith("{\"error\":{\"kind\":\"NO_DAEMON\"");
        assertThat(home).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"info", "ping"})
    void askingForTheDaemonStartsNone(String command) {
        caller.with("INTERCHANGE_AUTOSTART", "1");
        assertThat(caller.run(command)).isEqualTo(3);
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void stoppingNoDaemonIsFineAndItIsNotWantedAnyMore() throws IOException {
        Files.createFile(home.resolve("wanted"));
        assertThat(caller.run("stop")).isZero();
        assertThat(home.resolve("wanted")).doesNotExist();
        assertThat(caller.err()).contains("no daemon is running");
    }

    @ParameterizedTest
    @CsvSource({
        "lst, did you mean 'list'",
        "list --histt 3, see 'interchange list --help'",
        "status, Missing required parameter",
        "jobs 1 --state DONE, UNREADY",
        "purge --older 90, like 90s",
        "stop --now --keep-blocks, exclude each other",
        "logs 3 a -f --json, exclude each other",
        "submit workflow.txt, a workflow is .yaml"
    })
    void wrongUsageNamesTheNextStep(String line, String message) {
        assertThat(caller.run(line.split(" ", -1))).isEqualTo(2);
        assertThat(caller.err()).startsWith("interchange: ").containsIgnoringCase(message);
    }

    @ParameterizedTest
    @EnumSource(Commands.class)
    void everyCommandHasHelpWithExamples(Commands command) {
        assertThat(caller.run(command.word(), "--help")).isZero();
        assertThat(caller.out()).contains("Usage: interchange " + command.word(), "xamples:", "--json");
    }

    @Test
    void statusIsForScripts() throws IOException {
        assertThat(statusOf(RunState.RUN_SUCCEEDED)).isZero();
        assertThat(statusOf(RunState.RUN_FAILED)).isEqualTo(1);
        assertThat(statusOf(RunState.RUN_DELETED)).isEqualTo(1);
        assertThat(statusOf(RunState.RUN_RUNNING)).isEqualTo(6);
        assertThat(caller.out()).isEqualTo("RUNNING, 4 of 10 jobs succeeded\n");
    }

    @Test
    void reportIsLabelsByStatesAsInBps() throws IOException {
        var report = ReportResponse.newBuilder()
                .setSummary(run(RunState.RUN_FAILED))
                .addLabels(LabelReport.newBuilder()
                        .setLabel("isr")
                        .setExpected(10)
                        .addCounts(count(JobState.SUCCEEDED, 4))
                        .addExitCodes(1)
                        .addExitCodes(9)
                        .addExitCodes(1))
                .addMessages("site 'sdf' is broken");
        try (FakeDaemon daemon =
                new FakeDaemon(home, FakeDaemon.always(Response.newBuilder().setReport(report)))) {
            assertThat(caller.run("report", directory.toString())).isZero();
            assertThat(caller.out())
                    .contains(
                            "Run 7 demo: FAILED", "LABEL  UNREADY", "TOTAL", "1 (2 times), 9", "site 'sdf' is broken");
            assertThat(daemon.asked().getFirst().getReport().getRun()).isEqualTo(directory.toString());
        }
    }

    @Test
    void aMillionJobsWouldBeReadPageByPage() throws IOException {
        try (FakeDaemon daemon = new FakeDaemon(home, request -> List.of(page(request.getJobs(), 4321)))) {
            assertThat(caller.run("jobs", "7", "--json")).isZero();
            assertThat(Stream.of(caller.out().split("\"index\":", -1)).count() - 1)
                    .isEqualTo(4321);
            assertThat(daemon.asked()).hasSize(3);
            assertThat(caller.run("jobs", "7", "--limit", "5")).isZero();
            assertThat(caller.out().lines()).hasSize(6);
        }
    }

    @Test
    void aJobThatTookMoreThanItAskedForIsShownWithBoth() throws IOException {
        var jobs = JobsResponse.newBuilder()
                .addJobs(JobRow.newBuilder().setName("a").setMemoryMib(2048).setPeakMemoryMib(3000))
                .addJobs(JobRow.newBuilder().setName("b").setMemoryMib(2048).setPeakMemoryMib(2048))
                .addJobs(JobRow.newBuilder().setName("c").setMemoryMib(2048));
        try (FakeDaemon daemon =
                new FakeDaemon(home, FakeDaemon.always(Response.newBuilder().setJobs(jobs)))) {
            assertThat(caller.run("jobs", "7")).isZero();
            assertThat(daemon.asked()).hasSize(1);
            assertThat(caller.out()
                            .lines()
                            .map(line -> line.replaceAll(" +", " ").strip()))
                    .anyMatch(line -> line.startsWith("a ") && line.contains(" 3000 of 2048 "))
                    .anyMatch(line -> line.startsWith("b ") && line.contains(" 2048 ") && !line.contains(" of "))
                    .anyMatch(line -> line.startsWith("c ") && !line.contains("2048"));
        }
    }

    @Test
    void jobsThatBreakOffAreOneDocumentThatSaysWhy() throws IOException {
        try (FakeDaemon daemon = new FakeDaemon(
                home,
                request -> List.of(
                        request.getJobs().getAfter() < 0
                                ? page(request.getJobs(), 4321)
                                : FakeDaemon.error(Error.Kind.UNAVAILABLE, "stopping")))) {
            assertThat(caller.run("jobs", "7", "--json")).isEqualTo(5);
            assertThat(caller.out().lines())
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .endsWith("],\"error\":{\"kind\":\"UNAVAILABLE\",\"messages\":[\"stopping\"]}}"));
            assertThat(caller.err()).isEqualTo("interchange: stopping\n");
            assertThat(daemon.asked()).hasSize(2);
        }
    }

    @Test
    void answersOfTheCommandLineItselfAreJsonToo() throws IOException {
        assertThat(caller.run("version", "--json")).isZero();
        assertThat(caller.out()).matches("\\{\"version\":\"[0-9.]+\",\"java\":\"[^\"]+\"}\n");
        assertThat(caller.run("ensure", "--json")).isZero();
        assertThat(caller.out()).isEqualTo("{}\n");
        Files.createFile(home.resolve("wanted"));
        try (FakeDaemon daemon = new FakeDaemon(home, request -> List.of())) {
            assertThat(caller.run("ensure", "--json")).isZero();
            assertThat(caller.out()).startsWith("{\"version\":\"0.1.0\",\"host\":\"here\"");
            assertThat(caller.run("ensure")).isZero();
            assertThat(caller.out()).isEmpty();
            assertThat(daemon.asked()).isEmpty();
        }
    }

    @Test
    void anOutputThatCantBeReadIsNamedWithTheNextStep() throws IOException {
        Path file = Files.createDirectory(directory.resolve("a.stdout"));
        var answer = Response.newBuilder()
                .setJob(JobResponse.newBuilder()
                        .setJob(JobRow.newBuilder().setName("a").setAttempts(1))
                        .setStdout(file.resolve("x/y").toString()));
        Files.writeString(file.resolve("x"), "no directory");
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(answer))) {
            assertThat(caller.run("logs", "3", "a", "-f")).isEqualTo(5);
            assertThat(caller.err())
                    .matches(
                            "interchange: the output of job 'a' can't be read here: .*/a.stdout/x/y: Not a directory; look"
                                    + " at it where and as whom the run was submitted\n");
            assertThat(daemon.asked()).hasSize(1);
        }
    }

    @Test
    void aHomeThatCantBeMadeIsNamedWithTheNextStep() throws IOException {
        Files.writeString(directory.resolve("file"), "no directory");
        caller.with("INTERCHANGE_HOME", directory.resolve("file/home").toString())
                .with("INTERCHANGE_AUTOSTART", "1");
        assertThat(caller.run("list")).isEqualTo(5);
        assertThat(caller.err())
                .startsWith(
                        "interchange: the daemon's directory " + directory.resolve("file/home") + " can't be used: ")
                .endsWith("; set INTERCHANGE_HOME to a directory that you can write, on a disk with room\n")
                .doesNotContain("Exception");
    }

    @Test
    void submittedYamlBecomesAFile() throws IOException {
        Files.writeString(directory.resolve("demo.yaml"), WORKFLOW);
        caller.with("SECRET", "s").with("INTERCHANGE_WORKER_TOKEN", "t");
        var answer = Response.newBuilder().setSubmit(SubmitResponse.newBuilder().setRun(3));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(answer))) {
            assertThat(caller.run("submit", "demo.yaml")).isZero();
            assertThat(caller.out()).isEqualTo("Run 3: follow it by 'interchange watch 3'\n");
            var request = daemon.asked().getFirst().getSubmit();
            assertThat(request.getEnvironmentMap())
                    .containsOnlyKeys("SECRET", "USER", "INTERCHANGE_HOME", "INTERCHANGE_AUTOSTART");
            Path workflow = Path.of(request.getWorkflow());
            assertThat(directory.relativize(workflow).toString())
                    .matches("\\.interchange/demo-[0-9a-f]{8}/workflow\\.jsonl");
            assertThat(Files.readAllLines(workflow)).hasSize(3);
        }
    }

    @Test
    void aRefusedSubmissionLeavesNothingBehind() throws IOException {
        try (FakeDaemon daemon =
                new FakeDaemon(home, FakeDaemon.always(FakeDaemon.error(Error.Kind.USER, "a cycle")))) {
            assertThat(caller.typing(WORKFLOW).run("submit", "-")).isEqualTo(2);
            assertThat(caller.err()).isEqualTo("interchange: a cycle\n");
            assertThat(directory).isEmptyDirectory();
            assertThat(daemon.asked()).hasSize(1);
        }
    }

    @Test
    void aWrongWorkflowLeavesNothingBehindAndAsksNobody() {
        assertThat(caller.typing("name: x\njobs: [{nme: a}]").run("submit", "-"))
                .isEqualTo(2);
        assertThat(caller.err()).contains("standard input:2: unknown key of a job 'nme': did you mean 'name'?");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void jsonLinesAreSubmittedInPlace() throws IOException {
        Path file = directory.resolve("w.jsonl");
        Files.writeString(file, "{\"header\":{\"site\":\"s\",\"format\":1}}\n");
        var answer = Response.newBuilder().setSubmit(SubmitResponse.newBuilder().setRun(3));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(answer))) {
            assertThat(caller.run("submit", "w.jsonl", "--json")).isZero();
            assertThat(daemon.asked().getFirst().getSubmit().getWorkflow()).isEqualTo(file.toString());
            assertThat(caller.out()).startsWith("{\"run\":3,");
        }
    }

    @Test
    void jsonLinesFromStandardInputAreKeptForTheirOwnerAlone() throws IOException {
        caller.typing("{\"header\":{\"site\":\"s\",\"format\":1}}\n");
        var answer = Response.newBuilder().setSubmit(SubmitResponse.newBuilder().setRun(3));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(answer))) {
            assertThat(caller.run("submit", "-")).isZero();
            Path copy = Path.of(daemon.asked().getFirst().getSubmit().getWorkflow());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void standardInputThatBreaksOffLeavesNothingBehind() {
        InputStream broken = new SequenceInputStream(
                new ByteArrayInputStream("{\"header\":{\"site\":\"s\"}}\n".getBytes(StandardCharsets.UTF_8)),
                new ByteArrayInputStream(new byte[] {(byte) 0xff, (byte) 0xff}));
        assertThat(caller.typing(broken).run("submit", "-")).isEqualTo(2);
        assertThat(caller.err()).isEqualTo("interchange: standard input is not text in UTF-8\n");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void warningsAreForPeopleOrInTheAnswerNeverTwice() throws IOException {
        caller.typing(WORKFLOW);
        var answer = Response.newBuilder()
                .setSubmit(SubmitResponse.newBuilder().setRun(3).addWarnings("job 'a' runs alone"));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(answer))) {
            assertThat(caller.run("submit", "-", "--json")).isZero();
            assertThat(caller.err()).isEmpty();
            assertThat(caller.out()).contains("job 'a' runs alone");
            assertThat(caller.typing(WORKFLOW).run("submit", "-")).isZero();
            assertThat(caller.err()).isEqualTo("interchange: job 'a' runs alone\n");
            assertThat(daemon.asked()).hasSize(2);
        }
    }

    @Test
    void aRestartBringsTheEnvironmentOfThisShell() throws IOException {
        caller.with("STACK", "w_2027").with("INTERCHANGE_WORKER_TOKEN", "t");
        var answer = Response.newBuilder()
                .setRestart(RestartResponse.newBuilder().setRun(3).setName("demo"));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(answer))) {
            assertThat(caller.run("restart", "3")).isZero();
            assertThat(caller.out()).isEqualTo("Run 3 demo is running again\n");
            assertThat(daemon.asked())
                    .singleElement()
                    .satisfies(request -> assertThat(request.getRestart().getEnvironmentMap())
                            .containsEntry("STACK", "w_2027")
                            .doesNotContainKey("INTERCHANGE_WORKER_TOKEN"));
        }
    }

    @Test
    void waitingEndsWithTheRun() throws IOException {
        try (FakeDaemon daemon = new FakeDaemon(home, this::submittedThenFailed)) {
            assertThat(caller.typing(WORKFLOW).run("submit", "-", "--wait")).isEqualTo(1);
            assertThat(caller.out()).contains("run 7 demo: RUNNING").contains("run 7 demo: FAILED");
            assertThat(daemon.asked()).hasSize(3);
        }
    }

    private int reports;

    private List<Response.Builder> submittedThenFailed(Request request) {
        if (request.hasSubmit()) {
            return List.of(
                    Response.newBuilder().setSubmit(SubmitResponse.newBuilder().setRun(7)));
        }
        RunState state = reports++ == 0 ? RunState.RUN_RUNNING : RunState.RUN_FAILED;
        return List.of(
                Response.newBuilder().setReport(ReportResponse.newBuilder().setSummary(run(state))));
    }

    @Test
    void checkPassesTheSectionsOn() throws IOException {
        var keys = Struct.newBuilder()
                .putFields("cores", Value.newBuilder().setNumberValue(2).build());
        var checked = Response.newBuilder()
                .setCheck(CheckResponse.newBuilder()
                        .addMessages("right")
                        .addWarnings("idle")
                        .addSites(CheckedSite.newBuilder().setName("x.small").setKeys(keys)));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(checked))) {
            caller.typing(
                    "{\"site\":\"x\",\"sites\":{\"x\":{\"cores\":2,\"list\":[1,\"a\",null,true]}},\"names\":[\"y\"]}");
            assertThat(caller.run("check")).isZero();
            assertThat(caller.out()).isEqualTo("x.small:\n  cores: 2\nright\n");
            assertThat(caller.err()).contains("idle");
            assertThat(daemon.asked().getFirst().getCheck().getNamesList()).containsExactly("y");
            var section = daemon.asked().getFirst().getCheck().getSitesOrThrow("x");
            assertThat(section.getFieldsOrThrow("cores").getNumberValue()).isEqualTo(2);
            assertThat(section.getFieldsOrThrow("list").getListValue().getValuesCount())
                    .isEqualTo(4);
            assertThat(caller.typing("[1]").run("check")).isEqualTo(2);
        }
    }

    private int statusOf(RunState state) throws IOException {
        var report = Response.newBuilder().setReport(ReportResponse.newBuilder().setSummary(run(state)));
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(report))) {
            int exitCode = caller.run("status", "7");
            assertThat(daemon.asked()).hasSize(1);
            return exitCode;
        }
    }

    private static Response.Builder page(JobsRequest request, int total) {
        int from = request.getAfter() + 1;
        return Response.newBuilder()
                .setJobs(JobsResponse.newBuilder()
                        .addAllJobs(IntStream.range(from, Math.min(total, from + request.getLimit()))
                                .mapToObj(index -> JobRow.newBuilder()
                                        .setIndex(index)
                                        .setName("job" + index)
                                        .build())
                                .toList()));
    }

    private static RunSummary.Builder run(RunState state) {
        return RunSummary.newBuilder()
                .setId(7)
                .setName("demo")
                .setState(state)
                .setJobs(10)
                .addCounts(count(JobState.SUCCEEDED, 4))
                .addCounts(count(JobState.READY, 6));
    }

    private static StateCount.Builder count(JobState state, long count) {
        return StateCount.newBuilder().setState(state).setCount(count);
    }
}
