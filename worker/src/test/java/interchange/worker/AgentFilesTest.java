package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.files.FileName;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Environment;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Held;
import interchange.proto.worker.Kill;
import interchange.proto.worker.Prints;
import interchange.proto.worker.Retract;
import interchange.proto.worker.Run;
import interchange.proto.worker.StagedFile;
import interchange.proto.worker.Task;
import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.wire.Window;
import interchange.worker.files.Courier;
import interchange.worker.files.FakeFiles;
import interchange.worker.process.Bench;
import interchange.worker.process.BootClock;
import interchange.worker.process.MemoryKills;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose files travel, in a whole agent: real processes, a real disk, a daemon in memory. */
class AgentFilesTest {
    private static final Environment PLAIN = Environment.newBuilder()
            .setId(1)
            .putVariables("PATH", "/usr/bin:/bin")
            .build();

    @TempDir
    Path directory;

    private final FakeDaemon daemon = new FakeDaemon();
    private final FakeFiles files = new FakeFiles();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final Agent agent = agent();

    private Agent agent() {
        var inbox = new Inbox();
        Bench.endsGoTo(inbox::offer);
        return new Agent(
                new Agent.Identity("0.1.0", "incarnation", Map.of()),
                new Place("token", 0, 0, 1, false, "node", 2, 1000, 3600, false),
                daemon,
                inbox,
                Bench.reaper(),
                Bench.spawner(),
                Bench.warm(directory),
                new Courier(files, Bench.files(), "node", "token.0.0", Map.of()),
                new BootClock(),
                MemoryKills.ofThisProcess(),
                new SplittableRandom(1));
    }

    @BeforeEach
    void start() {
        daemon.welcome(Welcome.newBuilder()
                .setScratch(directory.resolve("scratch").toString())
                .setFileCacheMib(100)
                .build());
        Thread.ofPlatform().daemon().start(() -> {
            try {
                exit.complete(agent.run());
            } catch (Throwable e) {
                exit.completeExceptionally(e);
            }
        });
        Bench.await(() -> daemon.hellos().size() == 1);
    }

    @AfterEach
    void leave() throws Exception {
        agent.tellToLeave();
        exit.get(30, TimeUnit.SECONDS);
        assertThat(Bench.nothingRuns()).isTrue();
    }

    private static AttemptName name(int job) {
        return AttemptName.newBuilder().setRun(1).setJob(job).build();
    }

    private static StagedFile file(int number, StagedFile.Kind kind, String name) {
        return StagedFile.newBuilder()
                .setNumber(number)
                .setKind(kind)
                .setName(name)
                .build();
    }

    private Task.Builder task(int job, String command, StagedFile... with) {
        return Task.newBuilder()
                .setAttempt(name(job))
                .setName("job" + job)
                .addAllArgv(List.of("/bin/bash", "-c", command))
                .setDirectory("/no/such/directory/here")
                .setStdout("/no/such/out")
                .setStderr("/no/such/err")
                .setEnvironment(1)
                .setCpus(1)
                .setMemoryMib(100)
                .addAllFiles(List.of(with));
    }

    private void run(Task.Builder... tasks) {
        Run.Builder run = Run.newBuilder().addEnvironments(PLAIN);
        for (Task.Builder task : tasks) {
            run.addTasks(task);
        }
        daemon.post(ToWorker.newBuilder().setRun(run));
    }

    private void kill(int job) {
        daemon.post(ToWorker.newBuilder().setKill(Kill.newBuilder().addAttempts(name(job))));
    }

    private void awaitFinished(int job) {
        Bench.await(() -> daemon.finished(name(job)));
    }

    private List<String> folders() {
        try (Stream<Path> all = Files.list(directory.resolve("scratch/interchange-node-token.0.0/jobs"))) {
            return all.map(each -> each.getFileName().toString()).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private String log(int job, FileName.Log which) {
        byte[] bytes = files.taken.get(FakeFiles.log(name(job), which));
        return bytes == null ? "absent" : new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void aJobWithFilesRunsWhereNothingIsShared() {
        files.input(name(1), 0, "abc".getBytes()).input(name(1), 1, "#!/bin/sh\nrev in\n".getBytes());
        run(task(
                1,
                "./tool > made; echo out; echo err >&2; ls",
                file(0, StagedFile.Kind.INPUT, "in"),
                file(1, StagedFile.Kind.EXECUTABLE, "tool"),
                file(2, StagedFile.Kind.OUTPUT, "made")));
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.ENDED);
        assertThat(daemon.end(name(1)).getExitCode()).isZero();
        assertThat(files.takenOf(name(1), 2)).isEqualTo("cba".getBytes());
        assertThat(log(1, FileName.Log.STDOUT)).isEqualTo("out\nin\nmade\ntool\n");
        assertThat(log(1, FileName.Log.STDERR)).isEqualTo("err\n");
        Bench.await(() -> folders().isEmpty());
    }

    @Test
    void anEndIsToldOnlyWhenTheOutputsAreBack() {
        files.answersOffers(false);
        run(task(1, "echo x > made", file(0, StagedFile.Kind.OUTPUT, "made")));
        Bench.await(() -> files.offered.size() == 3);
        daemon.breakLine();
        Bench.await(() -> daemon.hellos().size() == 2);

        assertThat(daemon.finished(name(1))).isFalse();
        assertThat(daemon.hellos().getLast().getHeldList())
                .extracting(Held::getStateCase)
                .containsExactly(Held.StateCase.STARTED);
        kill(1);
        awaitFinished(1);
        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.KILLED);
        assertThat(daemon.end(name(1)).getMessage()).contains("had not come back");
    }

    @Test
    void anOutputThatIsMissingFailsAJobThatEndedWellAndNoOther() {
        run(
                task(1, "true", file(0, StagedFile.Kind.OUTPUT, "made")),
                task(2, "echo why; exit 3", file(0, StagedFile.Kind.OUTPUT, "made")));
        awaitFinished(1);
        awaitFinished(2);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.NOT_RETURNED);
        assertThat(daemon.end(name(1)).getMessage()).contains("exit code 0").contains("'made'");
        assertThat(daemon.end(name(2)).getCause()).isEqualTo(Cause.ENDED);
        assertThat(daemon.end(name(2)).getExitCode()).isEqualTo(3);
        assertThat(log(2, FileName.Log.STDOUT)).isEqualTo("why\n");
    }

    @Test
    void aFetchHoldsUpNobodyAndCountsAsNotStarted() {
        files.input(name(1), 0, new byte[Window.BYTES]);
        files.answersReads(false);
        run(
                task(1, "true", file(0, StagedFile.Kind.INPUT, "in")),
                task(2, "echo x > made", file(0, StagedFile.Kind.OUTPUT, "made")));
        awaitFinished(2);
        daemon.breakLine();
        Bench.await(() -> daemon.hellos().size() == 2);

        assertThat(daemon.hellos().getLast().getHeldList().stream()
                        .filter(held -> held.getAttempt().equals(name(1))))
                .extracting(Held::getStateCase)
                .containsExactly(Held.StateCase.WAITING);
        daemon.post(ToWorker.newBuilder().setRetract(Retract.newBuilder().addAttempts(name(1))));
        Bench.await(() -> daemon.retracted(name(1)));
        Bench.await(() -> folders().isEmpty());
        assertThat(daemon.started(name(1))).isFalse();
    }

    @Test
    void whatCantBeFetchedIsNotStartedWithItsReason() {
        files.refuses(FakeFiles.name(name(1), 0), "there is no /data/in");
        run(task(1, "true", file(0, StagedFile.Kind.INPUT, "in")));
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.NOT_STARTED);
        assertThat(daemon.end(name(1)).getMessage()).isEqualTo("there is no /data/in");
    }

    @Test
    void aFetchThatIsKilledEndsAtOnce() {
        files.input(name(1), 0, new byte[10]);
        files.answersReads(false);
        run(task(1, "true", file(0, StagedFile.Kind.INPUT, "in")));
        Bench.await(() -> !files.readOffsets.isEmpty());
        kill(1);
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.KILLED);
        Bench.await(() -> folders().isEmpty());
    }

    @Test
    void ofAJobThatIsKilledWhatItPrintedComesBack() {
        run(task(1, "echo hello; sleep 100", file(0, StagedFile.Kind.OUTPUT, "made")));
        Bench.await(() -> daemon.started(name(1)));
        kill(1);
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.KILLED);
        assertThat(log(1, FileName.Log.STDOUT)).isEqualTo("hello\n");
        assertThat(files.taken).doesNotContainKey(FakeFiles.name(name(1), 0));
    }

    @Test
    void whoLeavesGivesOutputsAMomentAndThenTheJobIsToRunElsewhere() throws Exception {
        files.answersOffers(false);
        run(task(1, "echo x > made", file(0, StagedFile.Kind.OUTPUT, "made")));
        Bench.await(() -> files.offered.size() == 3);
        agent.tellToLeave();
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.WORKER_LEFT);
        assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
        assertThat(directory.resolve("scratch/interchange-node-token.0.0")).doesNotExist();
    }

    @Test
    void allOfItGoesIntoOneFileWhereTheJobSaysSo() {
        run(task(1, "echo out; echo err >&2", file(0, StagedFile.Kind.OUTPUT, "made"))
                .setStdout("/no/such/log")
                .setStderr("/no/such/log"));
        awaitFinished(1);

        assertThat(log(1, FileName.Log.STDOUT)).isEqualTo("out\nerr\n");
        assertThat(log(1, FileName.Log.STDERR)).isEqualTo("absent");
    }

    @Test
    void aJobThatOnlyPrintsRunsWhereItMayIfItsNodeLacksTheDirectoryOfTheSubmission() {
        Task.Builder named = task(1, "pwd").setPrints(Prints.newBuilder().setStream(true));
        Task.Builder anywhere = task(2, "pwd; echo here >mine; cat mine")
                .setPrints(Prints.newBuilder().setStream(true))
                .setOwnDirectory(true);
        Task.Builder there = task(3, "pwd")
                .setDirectory(directory.toString())
                .setPrints(Prints.newBuilder().setStream(true))
                .setOwnDirectory(true);
        run(named, anywhere, there);
        awaitFinished(1);
        awaitFinished(2);
        awaitFinished(3);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.NOT_STARTED);
        assertThat(daemon.end(name(1)).getMessage()).contains("/no/such/directory/here");
        assertThat(daemon.end(name(2)).getCause()).isEqualTo(Cause.ENDED);
        assertThat(new String(files.taken.get(FakeFiles.log(name(2), FileName.Log.STDOUT))))
                .isEqualTo(directory.resolve("scratch/interchange-node-token.0.0/jobs/1-2-0/work") + "\nhere\n");
        assertThat(new String(files.taken.get(FakeFiles.log(name(3), FileName.Log.STDOUT))))
                .isEqualTo(directory + "\n");
    }

    @Test
    void theEndOfAJobSaysThatWhatItPrintedWasLost() {
        files.answersOffers(false);
        run(task(1, "echo out").setDirectory("/").setPrints(Prints.newBuilder().setStream(true)));
        Bench.await(() -> {
            var offer = files.offered.get(FakeFiles.log(name(1), FileName.Log.STDOUT));
            return offer != null && !offer.getSha256().isEmpty();
        });
        agent.tellToLeave();
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getExitCode()).isZero();
        assertThat(daemon.end(name(1)).getMessage())
                .isEqualTo("there was no time to bring back what it printed: it is lost");
    }
}
