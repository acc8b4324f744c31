package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import interchange.proto.control.CancelRequest;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobsRequest;
import interchange.proto.control.PingRequest;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.control.StopRequest;
import interchange.proto.control.SubmitRequest;
import interchange.proto.files.FileName;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Offer;
import interchange.proto.files.ToFiles;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.StagedFile;
import interchange.proto.worker.Task;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole daemon, and at its socket for files whoever has a worker's key and says what it likes. */
@Timeout(180)
class FilesTest {
    private static final int IN = 0;
    private static final int TOOL = 1;
    private static final int OUT = 2;

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Random random = new Random(1);
    private Path home = Path.of("");
    private Path jars = Path.of("");
    private Path submit = Path.of("");

    @BeforeEach
    void prepare() throws Exception {
        home = directory.resolve("home");
        jars = TestDaemon.fakeJars(directory.resolve("jars"));
        submit = Files.createDirectories(directory.resolve("submit"));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            if (each instanceof TestDaemon daemon && !daemon.daemon.hasEnded()) {
                ask(Request.newBuilder().setStop(StopRequest.newBuilder().setMode(StopRequest.Mode.NOW)));
                daemon.awaitEnd();
            }
        }
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private TestDaemon startDaemon() throws Exception {
        TestDaemon daemon = new TestDaemon(home, jars);
        open.add(daemon);
        return daemon;
    }

    private FilesClient connect() throws Exception {
        FilesClient client = new FilesClient(home);
        open.add(client);
        return client;
    }

    private Response ask(Request.Builder request) throws Exception {
        try (TestClient client = new TestClient(home)) {
            return client.ask(request);
        }
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Submits a job with an input, a tool and an output, and has it assigned; it runs until the test says otherwise. */
    private AttemptName startJob(Map<String, String> environment, ToIntFunction<Task> exitCodes) throws Exception {
        startDaemon();
        Path workflow = new WorkflowText()
                .job(
                        "a",
                        "x",
                        ", \"command\": \"true\", \"retries\": 5, \"files\": [{\"path\": \"in/data\"},"
                                + " {\"path\": \"tool\", \"executable\": true},"
                                + " {\"path\": \"out/deep/made\", \"name\": \"m\", \"output\": true}]")
                .job("plain", "x", ", \"command\": \"true\"")
                .write(submit);
        ask(Request.newBuilder()
                .setSubmit(SubmitRequest.newBuilder()
                        .setWorkflow(workflow.toString())
                        .putAllEnvironment(environment)));
        ScriptedWorker worker = startWorker(exitCodes);
        TestDaemon.await(() -> "both jobs are sent to the " + worker, () -> worker.tasks.size() >= 2);
        Task task = worker.tasks.stream()
                .filter(each -> each.getName().equals("a"))
                .findFirst()
                .orElseThrow();
        assertThat(task.getFilesList())
                .extracting(StagedFile::getName, StagedFile::getNumber, StagedFile::getKind)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("data", IN, StagedFile.Kind.INPUT),
                        org.assertj.core.groups.Tuple.tuple("tool", TOOL, StagedFile.Kind.EXECUTABLE),
                        org.assertj.core.groups.Tuple.tuple("m", OUT, StagedFile.Kind.OUTPUT));
        return task.getAttempt();
    }

    private AttemptName startJob() throws Exception {
        return startJob(Map.of("PATH", "/bin"), task -> ScriptedWorker.NEVER);
    }

    private ScriptedWorker startWorker(ToIntFunction<Task> exitCodes) throws Exception {
        TestDaemon.await("the block's token", () -> !tokens().isEmpty());
        ScriptedWorker worker = new ScriptedWorker(home, tokens().getFirst(), exitCodes);
        open.add(worker);
        return worker;
    }

    private List<String> tokens() {
        try (DirectoryStream<Path> blocks = Files.newDirectoryStream(home.resolve("blocks"), "1-*")) {
            List<String> tokens = new ArrayList<>();
            for (Path block : blocks) {
                if (Files.exists(block.resolve("token"))) {
                    tokens.add(Files.readString(block.resolve("token")).strip());
                }
            }
            return tokens;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path input(byte[] content) throws IOException {
        Path file = submit.resolve("in/data");
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    private Path made() {
        return submit.resolve("out/deep/made");
    }

    private List<String> partials() throws IOException {
        try (Stream<Path> all = Files.walk(submit)) {
            return all.map(each -> each.getFileName().toString())
                    .filter(name -> name.endsWith(".part"))
                    .toList();
        }
    }

    private List<Path> notes() throws IOException {
        try (Stream<Path> all = Files.list(home.resolve("incoming"))) {
            return all.toList();
        }
    }

    // ---- the ordinary way

    @Test
    void inputsAreServedByWindowsAndKnownByTheirHash() throws Exception {
        byte[] content = bytes(3 * Window.BYTES + 7);
        input(content);
        AttemptName attempt = startJob();
        FilesClient client = connect();
        FileName file = FilesClient.file(attempt, IN);

        Found found = client.look(file).getFound();

        assertThat(found.getSize()).isEqualTo(content.length);
        assertThat(found.getSha256().toByteArray()).isEqualTo(FilesClient.sha256(content));
        assertThat(client.download(file, found, 0)).isEqualTo(content);
    }

    @Test
    void outputsGetTheirPlaceWithTheMaskOfTheRunAndTheTimeTheyWereMade() throws Exception {
        AttemptName attempt = startJob(Map.of("PATH", "/bin", "INTERCHANGE_UMASK", "027"), _ -> ScriptedWorker.NEVER);
        FilesClient client = connect();
        byte[] content = bytes(2 * Window.BYTES + 1);
        FileName file = FilesClient.file(attempt, OUT);
        assertThat(client.look(file).hasFound()).isTrue();

        Offer offer = FilesClient.offer(content).toBuilder().setExecutable(true).build();
        assertThat(client.upload(file, content, offer, 10).hasTaken()).isTrue();

        assertThat(made()).hasBinaryContent(content);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made())))
                .isEqualTo("rwxr-x---");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made().getParent())))
                .isEqualTo("rwxr-x---");
        assertThat(Files.getLastModifiedTime(made()).toInstant())
                .isEqualTo(Instant.ofEpochSecond(1_700_000_000, 123_000));
        assertThat(partials()).isEmpty();
        assertThat(notes()).isEmpty();
        // Its answer may have been lost.
        assertThat(client.upload(file, content, offer, 0).hasTaken()).isTrue();
    }

    @Test
    void anEmptyOutputIsAnOutput() throws Exception {
        AttemptName attempt = startJob();
        FilesClient client = connect();
        assertThat(client.offer(FilesClient.file(attempt, OUT), FilesClient.offer(new byte[0]))
                        .hasTaken())
                .isTrue();
        assertThat(made()).isEmptyFile();
    }

    @Test
    void logsOfEarlierAttemptsStayUnderTheirNumbersAlsoWhereTheyAreTheSame() throws Exception {
        AttemptName first = startJob();
        FilesClient client = connect();
        byte[] same = "the same".getBytes();
        FileName log = FilesClient.log(first, FileName.Log.STDOUT);
        assertThat(client.upload(log, same, FilesClient.offer(same), 1).hasTaken())
                .isTrue();
        Path stdout = submit.resolve("logs/a.stdout");
        assertThat(stdout).hasBinaryContent(same);

        // Another daemon, another worker: the first died with it.
        AttemptName second = nextAttempt(first);
        FilesClient again = connect();
        Offer later = FilesClient.offer(same).toBuilder()
                .setModifiedEpochSecond(1_700_000_001)
                .build();
        FileName secondLog = FilesClient.log(second, FileName.Log.STDOUT);
        assertThat(again.upload(secondLog, same, later, 1).hasTaken()).isTrue();
        assertThat(again.upload(secondLog, same, later, 1).hasTaken()).isTrue();

        assertThat(stdout).hasBinaryContent(same);
        assertThat(submit.resolve("logs/a.stdout." + first.getNumber())).hasBinaryContent(same);
        // And the one that is over can't write any more.
        FromFiles late = again.offer(log, FilesClient.offer(bytes(10)));
        assertThat(late.getRefused().getUnwanted()).isTrue();
        assertThat(stdout).hasBinaryContent(same);
    }

    /** The worker's next start says that the one before, and its jobs, are dead. */
    private AttemptName nextAttempt(AttemptName before) throws Exception {
        for (AutoCloseable each : open) {
            if (each instanceof ScriptedWorker worker) {
                worker.close();
            }
        }
        ScriptedWorker next = new ScriptedWorker(home, tokens().getFirst(), _ -> ScriptedWorker.NEVER, 0, 2);
        open.add(next);
        TestDaemon.await(
                "the next attempt",
                () -> next.tasks.stream()
                        .anyMatch(task -> task.getAttempt().getJob() == before.getJob()
                                && task.getAttempt().getNumber() > before.getNumber()));
        return next.tasks.stream()
                .map(Task::getAttempt)
                .filter(attempt -> attempt.getJob() == before.getJob())
                .findFirst()
                .orElseThrow();
    }

    // ---- deaths

    @Test
    void aDaemonThatDiedGoesOnBothWaysWhereItWas() throws Exception {
        byte[] content = bytes(4 * Window.BYTES);
        input(content);
        AttemptName attempt = startJob();
        FilesClient client = connect();
        FileName in = FilesClient.file(attempt, IN);
        FileName out = FilesClient.file(attempt, OUT);
        Found found = client.look(in).getFound();
        assertThat(client.read(in, found.getSha256(), 0).hasPiece()).isTrue();
        client.close();
        FilesClient uploading = connect();
        FromFiles half = uploading.upload(out, content, FilesClient.offer(content), 2);
        assertThat(half.getTurn().getOffset()).isEqualTo(2L * Window.BYTES);
        // A piece and a half of the next window have come when it dies.
        uploading.piece(
                half.getTransfer(),
                out,
                2L * Window.BYTES,
                java.util.Arrays.copyOfRange(content, 2 * Window.BYTES, 2 * Window.BYTES + 1000));
        TestDaemon first = (TestDaemon) open.getFirst();
        first.breakOff();
        startDaemon();

        FilesClient again = connect();
        // A hash that this daemon has not made is not believed.
        assertThat(again.read(in, found.getSha256(), Window.BYTES).hasChanged()).isTrue();
        Found foundAgain = again.look(in).getFound();
        assertThat(foundAgain).isEqualTo(found);
        assertThat(again.download(in, found, Window.BYTES))
                .isEqualTo(java.util.Arrays.copyOfRange(content, Window.BYTES, content.length));
        FilesClient back = connect();
        FromFiles resumed = back.offer(out, FilesClient.offer(content));
        assertThat(resumed.getTurn().getOffset()).isBetween(2L * Window.BYTES, 2L * Window.BYTES + 1000);
        back.close();
        FilesClient last = connect();
        assertThat(last.upload(out, content, FilesClient.offer(content), 10).hasTaken())
                .isTrue();
        assertThat(made()).hasBinaryContent(content);
    }

    @Test
    void whatCameInPartOfAnAttemptThatIsOverGoesAtTheNextStart() throws Exception {
        AttemptName attempt = startJob();
        byte[] content = bytes(3 * Window.BYTES);
        FilesClient client = connect();
        client.upload(FilesClient.file(attempt, OUT), content, FilesClient.offer(content), 1);
        assertThat(partials()).hasSize(1);
        ask(Request.newBuilder().setCancel(CancelRequest.newBuilder().setRun("1")));
        TestDaemon.await(
                "the attempt is over",
                () -> client.offer(FilesClient.file(attempt, OUT), offer(content))
                        .getRefused()
                        .getUnwanted());
        ((TestDaemon) open.getFirst()).breakOff();
        startDaemon();

        TestDaemon.await("nothing is left of it", () -> {
            try {
                return partials().isEmpty() && notes().isEmpty();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static Offer offer(byte[] content) {
        try {
            return FilesClient.offer(content);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // ---- what is not as it should be

    @Test
    void anInputThatIsNotThereOrIsNoFileIsRefusedWithItsPathAndWhatToDo() throws Exception {
        Files.createDirectories(submit.resolve("tool"));
        AttemptName attempt = startJob();
        FilesClient client = connect();

        assertThat(client.look(FilesClient.file(attempt, IN)).getRefused().getReason())
                .contains("there is no " + submit.resolve("in/data"))
                .contains("make it there");
        assertThat(client.look(FilesClient.file(attempt, TOOL)).getRefused().getReason())
                .contains(submit.resolve("tool") + " is a directory")
                .contains("tar");
    }

    @Test
    void aPlaceThatCantTakeAnOutputIsToldBeforeTheJobRuns() throws Exception {
        Files.createDirectories(made());
        AttemptName attempt = startJob();
        FilesClient client = connect();
        FileName file = FilesClient.file(attempt, OUT);

        assertThat(client.look(file).getRefused().getReason()).contains(made() + ", but that is a directory");
        assertThat(client.offer(file, FilesClient.offer(bytes(10))).getRefused().getReason())
                .contains("that is a directory");
    }

    @Test
    void anInputThatChangesIsAnotherFromThenOn() throws Exception {
        Path file = input(bytes(2 * Window.BYTES));
        AttemptName attempt = startJob();
        FilesClient client = connect();
        FileName name = FilesClient.file(attempt, IN);
        Found found = client.look(name).getFound();
        byte[] other = bytes(2 * Window.BYTES);
        Path fresh = Files.write(submit.resolve("fresh"), other);
        Files.move(fresh, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThat(client.read(name, found.getSha256(), 0).hasChanged()).isTrue();
        Found now = client.look(name).getFound();
        assertThat(client.download(name, now, 0)).isEqualTo(other);
    }

    @Test
    void whatTheJournalDoesNotListCannotBeHadOrWritten() throws Exception {
        input(bytes(100));
        AttemptName attempt = startJob();
        FilesClient client = connect();
        AttemptName plain = attempt.toBuilder().setJob(1 - attempt.getJob()).build();
        List<FileName> strange = List.of(
                FilesClient.file(attempt.toBuilder().setRun(77).build(), IN),
                FilesClient.file(attempt.toBuilder().setJob(77).build(), IN),
                FilesClient.file(attempt.toBuilder().setNumber(77).build(), IN),
                FilesClient.file(attempt, 77),
                FilesClient.log(plain, FileName.Log.STDOUT));
        for (FileName file : strange) {
            assertThat(client.look(file).getRefused().getUnwanted()).isTrue();
            assertThat(client.offer(file, FilesClient.offer(bytes(10)))
                            .getRefused()
                            .getUnwanted())
                    .isTrue();
            assertThat(client.read(file, ByteString.copyFrom(new byte[32]), 0)
                            .getRefused()
                            .getUnwanted())
                    .isTrue();
        }
        // Neither can an input be written, nor an output be read.
        assertThat(client.offer(FilesClient.file(attempt, IN), FilesClient.offer(bytes(10)))
                        .getRefused()
                        .getUnwanted())
                .isTrue();
        assertThat(client.read(FilesClient.file(attempt, OUT), ByteString.copyFrom(new byte[32]), 0)
                        .getRefused()
                        .getUnwanted())
                .isTrue();
        try (Stream<Path> all = Files.walk(submit)) {
            assertThat(all.filter(Files::isRegularFile))
                    .containsExactlyInAnyOrder(submit.resolve("workflow.jsonl"), submit.resolve("in/data"));
        }
    }

    @Test
    void whatCantBeMeantIsCountedAndTheOthersAreServed() throws Exception {
        byte[] content = bytes(2 * Window.BYTES);
        input(content);
        AttemptName attempt = startJob();
        FilesClient client = connect();
        FileName in = FilesClient.file(attempt, IN);
        FileName out = FilesClient.file(attempt, OUT);
        Offer sound = FilesClient.offer(content);
        List<ToFiles.Builder> unsound = List.of(
                ToFiles.newBuilder(),
                ToFiles.newBuilder().setFile(in),
                ToFiles.newBuilder()
                        .setFile(in)
                        .setRead(interchange.proto.files.Read.newBuilder().setOffset(5)),
                ToFiles.newBuilder()
                        .setFile(in)
                        .setRead(interchange.proto.files.Read.newBuilder()
                                .setSha256(ByteString.copyFrom(new byte[32]))
                                .setOffset(-1)),
                ToFiles.newBuilder().setFile(out).setOffer(sound.toBuilder().setSize(-1)),
                ToFiles.newBuilder().setFile(out).setOffer(sound.toBuilder().setSize(Long.MAX_VALUE)),
                ToFiles.newBuilder().setFile(out).setOffer(sound.toBuilder().setModifiedNanos(-1)),
                ToFiles.newBuilder().setFile(out).setOffer(sound.toBuilder().setModifiedEpochSecond(Long.MIN_VALUE)),
                ToFiles.newBuilder().setFile(out).setOffer(sound.toBuilder().clearSha256()),
                ToFiles.newBuilder()
                        .setFile(FileName.newBuilder().setAttempt(attempt).setNumber(-3))
                        .setOffer(sound),
                ToFiles.newBuilder()
                        .setFile(FileName.newBuilder()
                                .setAttempt(attempt.toBuilder().setRun(-1))
                                .setNumber(0))
                        .setOffer(sound));
        for (ToFiles.Builder each : unsound) {
            client.send(each.setTransfer(client.newTransfer()));
        }
        client.send(ToFiles.newBuilder().setFile(out).setOffer(sound)); // no transfer
        assertThat(client.hear(Duration.ofMillis(200))).isEmpty();
        // Beyond the end, and of a hash that it never had.
        Found found = client.look(in).getFound();
        assertThat(client.read(in, found.getSha256(), content.length).hasChanged())
                .isTrue();
        assertThat(client.read(in, found.getSha256(), 1L << 40).hasChanged()).isTrue();
        assertThat(client.read(in, ByteString.copyFrom(new byte[32]), 0).hasChanged())
                .isTrue();
        assertThat(client.download(in, found, 0)).isEqualTo(content);
        assertThat(ask(Request.newBuilder().setPing(PingRequest.getDefaultInstance()))
                        .getPing()
                        .getDroppedMessages())
                .isGreaterThanOrEqualTo(unsound.size());
    }

    @Test
    void piecesAreTakenInOrderOnceAndWithinTheirTurn() throws Exception {
        AttemptName attempt = startJob();
        FilesClient client = connect();
        byte[] content = bytes(2 * Window.BYTES + 100);
        FileName file = FilesClient.file(attempt, OUT);
        long nobody = client.newTransfer();
        client.piece(nobody, file, 0, new byte[10]);

        FromFiles turn = client.offer(file, FilesClient.offer(content));
        long transfer = turn.getTransfer();
        byte[] head = java.util.Arrays.copyOf(content, 1000);
        client.piece(transfer, file, 5_000, new byte[10]); // a gap
        client.piece(transfer, file, 0, new byte[0]);
        client.piece(transfer, file, 0, new byte[Window.PIECE_BYTES + 1]); // too long
        client.piece(transfer, file, 0, head);
        client.piece(transfer, file, 0, head); // twice
        client.piece(transfer, file, 1L << 40, head); // beyond the end
        for (int at = 1000; at < Window.BYTES; at += Window.PIECE_BYTES) {
            client.piece(
                    transfer,
                    file,
                    at,
                    java.util.Arrays.copyOfRange(content, at, Math.min(Window.BYTES, at + Window.PIECE_BYTES)));
        }
        FromFiles next = client.hear();
        assertThat(next.getTurn().getOffset()).isEqualTo(Window.BYTES);
        client.sendWindow(transfer, file, content, next.getTurn());
        FromFiles last = client.hear();
        assertThat(last.getTurn().getOffset()).isEqualTo(2L * Window.BYTES);
        assertThat(last.getTurn().getLength()).isEqualTo(100);
        client.piece(transfer, file, 2L * Window.BYTES, new byte[101]); // more than was offered
        client.sendWindow(transfer, file, content, last.getTurn());
        assertThat(client.hear().hasTaken()).isTrue();
        assertThat(made()).hasBinaryContent(content);
    }

    @Test
    void whatIsNotWhatWasOfferedNeverGetsItsPlace() throws Exception {
        AttemptName attempt = startJob();
        FilesClient client = connect();
        byte[] content = bytes(1000);
        FileName file = FilesClient.file(attempt, OUT);
        FromFiles turn = client.offer(file, FilesClient.offer(content));
        client.piece(turn.getTransfer(), file, 0, bytes(1000));

        FromFiles again = client.hear();
        assertThat(again.getTurn().getOffset()).isZero();
        assertThat(made()).doesNotExist();
        client.piece(turn.getTransfer(), file, 0, content);
        assertThat(client.hear().hasTaken()).isTrue();
        assertThat(made()).hasBinaryContent(content);
    }

    @Test
    void whatLiesInTheWayOfAPartIsNotFollowed() throws Exception {
        AttemptName attempt = startJob();
        Path victim = Files.writeString(directory.resolve("victim"), "dear");
        Files.createDirectories(made().getParent());
        Files.createSymbolicLink(
                made().resolveSibling(".interchange-1-" + attempt.getJob() + "-0-" + OUT + ".part"), victim);
        FilesClient client = connect();

        FromFiles answer = client.offer(FilesClient.file(attempt, OUT), FilesClient.offer(bytes(10)));

        assertThat(answer.hasRefused()).isTrue();
        assertThat(victim).hasContent("dear");
    }

    @Test
    void aFailureToBringOutputsBackIsTheJobsAndSpendsARetry() throws Exception {
        startJob(Map.of("PATH", "/bin"), _ -> ScriptedWorker.NOT_RETURNED);
        TestDaemon.await("the retries are spent", () -> {
            try {
                return row().getAttempts() == 6;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        TestDaemon.await("its cause is told", () -> {
            try {
                return row().getCause().contains("no 'm'");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private JobRow row() throws Exception {
        return ask(Request.newBuilder()
                        .setJobs(JobsRequest.newBuilder().setRun("1").setAfter(-1)))
                .getJobs()
                .getJobs(0);
    }

    @Test
    void onlyWhatIsSentAndNamesNoDirectoryMayRunInOneOfItsOwn() throws Exception {
        startDaemon();
        Path workflow = new WorkflowText()
                .site("{\"provider\": \"local\", \"cores\": 4, \"memory\": 4096, \"logs\": \"stream\"}")
                .job("anywhere", "x", ", \"command\": \"true\"")
                .job("there", "x", ", \"command\": \"true\", \"directory\": \"/data\"")
                .write(submit);
        ask(Request.newBuilder().setSubmit(SubmitRequest.newBuilder().setWorkflow(workflow.toString())));
        ScriptedWorker worker = startWorker(task -> ScriptedWorker.NEVER);
        TestDaemon.await(() -> "both jobs are sent to the " + worker, () -> worker.tasks.size() >= 2);
        assertThat(worker.tasks)
                .extracting(Task::getName, Task::getOwnDirectory)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("anywhere", true),
                        org.assertj.core.groups.Tuple.tuple("there", false));
        assertThat(worker.tasks).allMatch(task -> task.getPrints().getStream());
    }
}
