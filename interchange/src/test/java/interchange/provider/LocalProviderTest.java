package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.provider.Answer.Fate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes, and the real keeper: stand-ins are only the workers. */
class LocalProviderTest {
    private static final Path KEEPER =
            Path.of("..", "worker", "src", "main", "resources", "interchange", "worker", "keeper.sh");

    /** Of a submit call's arguments, how many seconds keepers have to stop. */
    private static final int STOP_ARGUMENT = 7;

    @TempDir
    private Path home = Path.of("");

    private final BatchRunner runner = new BatchRunner(4);
    private final String token = "b" + Long.toString(System.nanoTime(), 36);
    private Path root = Path.of("");
    private LocalProvider provider = new LocalProvider(root, root, Duration.ZERO, Duration.ZERO);

    @BeforeEach
    void install() throws IOException {
        root = Files.createDirectory(home.resolve("blocks"));
        provider = new LocalProvider(LocalProvider.install(home), root, Duration.ofSeconds(5), Duration.ofSeconds(60));
    }

    @AfterEach
    void killWhatIsLeft() throws IOException {
        for (String suffix : List.of("", "1", "2")) {
            Processes.carrying("INTERCHANGE_BLOCK_TOKEN=" + token + suffix).forEach(Processes::kill);
        }
        runner.close();
    }

    private Answer run(Call call) throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        runner.run(provider.name(), call, answer::complete);
        return answer.get(90, TimeUnit.SECONDS);
    }

    private Path blockDirectory(int block) throws IOException {
        Path directory = Files.createDirectories(root.resolve(String.valueOf(block)));
        if (Files.notExists(directory.resolve("keeper.sh"))) {
            Files.copy(KEEPER, directory.resolve("keeper.sh"));
        }
        return directory;
    }

    static BlockTerms terms(int nodes, Duration walltime) {
        return new BlockTerms(
                "here",
                nodes,
                1,
                1_024,
                walltime,
                "",
                "",
                "",
                "",
                Optional.empty(),
                false,
                List.of(),
                "",
                1,
                1_024,
                "");
    }

    /** @param worker shell commands, in the block's directory, with the worker's arguments */
    private Call submission(int block, String blockToken, int nodes, Duration walltime, String worker)
            throws IOException {
        return provider.submit(new BlockRequest(
                block,
                blockToken,
                terms(nodes, walltime),
                List.of(),
                blockDirectory(block),
                List.of("sh", "-c", "cd " + blockDirectory(block) + "; " + worker, "standin")));
    }

    private String submit(int nodes, String worker) throws Exception {
        return provider.parseSubmitted(run(submission(1, token, nodes, Duration.ZERO, worker)));
    }

    private Map<String, BlockReport> poll(String... ids) throws Exception {
        return provider.parsePolled(run(provider.poll(List.of(ids))));
    }

    private BlockReport look(String id) throws Exception {
        return Objects.requireNonNull(poll(id).get(id), "no report of " + id);
    }

    private BlockReport pollUntilOver(String id) throws Exception {
        List<BlockReport> reports = new ArrayList<>();
        Conditions.await("the end of block " + id, () -> {
            reports.add(look(id));
            return reports.getLast().phase().over();
        });
        return reports.getLast();
    }

    private boolean nothingLives() throws IOException {
        return Processes.carrying("INTERCHANGE_BLOCK_TOKEN=" + token).isEmpty();
    }

    private String file(String name) throws IOException {
        return Files.readString(root.resolve("1").resolve(name));
    }

    private void awaitFile(String name) throws Exception {
        Path file = root.resolve("1").resolve(name);
        Conditions.await(name, () -> Files.exists(file) && Files.size(file) > 0);
    }

    @Test
    void blockRunsOnAllItsNodesUntilItIsCancelled() throws Exception {
        String id = submit(2, "echo \"$@\" >args.$2; exec sleep 1000");
        awaitFile("args.0");
        awaitFile("args.1");
        assertThat(file("args.1")).startsWith("--rank 1 ");
        assertThat(poll(id)).isEqualTo(Map.of(id, new BlockReport(BlockPhase.RUNNING, "", -1)));

        provider.checkCancelled(run(provider.cancel(List.of(id))));

        assertThat(pollUntilOver(id)).isEqualTo(new BlockReport(BlockPhase.ENDED, "cancelled", 0));
        assertThat(nothingLives()).isTrue();
        provider.checkCancelled(run(provider.cancel(List.of(id, "9.1.2"))));
    }

    @Test
    void workersInheritNothingAndHaveASessionOfTheirOwn() throws Exception {
        String id = submit(1, "ls /proc/self/fd >fds; cut -d ' ' -f 6 /proc/self/stat >session; exec sleep 1000");
        awaitFile("session");

        // ls itself has the directory open, as 3.
        assertThat(file("fds").lines()).containsExactly("0", "1", "2", "3");
        long ours = ProcessHandle.current().pid();
        String stat = Files.readString(Path.of("/proc/" + ours + "/stat"));
        String ourSession = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[3];
        assertThat(file("session").strip()).isNotEqualTo(ourSession);
        run(provider.cancel(List.of(id)));
        pollUntilOver(id);
    }

    @Test
    void cancelReturnsAtOnceAndWhatDoesNotListenIsKilled() throws Exception {
        Call call = submission(
                1, token, 1, Duration.ZERO, "trap '' TERM; (trap '' TERM; while :; do sleep 1; done) & echo >up; wait");
        String id = provider.parseSubmitted(run(impatient(call)));
        awaitFile("up");

        run(provider.cancel(List.of(id)));
        assertThat(look(id).phase()).isEqualTo(BlockPhase.RUNNING);

        assertThat(pollUntilOver(id).message()).isEqualTo("cancelled");
        assertThat(nothingLives()).isTrue();
    }

    @Test
    void blockIsNotOverWhileAnythingOfItLivesThoughAllThatWatchesWasKilled() throws Exception {
        String id = submit(1, "sleep 1000 & echo $! >job; wait");
        awaitFile("job");
        long job = Long.parseLong(file("job").strip());
        Processes.kill(Long.parseLong(file("watch.0").split(" ", -1)[0]));
        for (long pid : Processes.carrying("INTERCHANGE_BLOCK_TOKEN=" + token)) {
            if (pid != job) {
                Processes.kill(pid);
            }
        }
        assertThat(Processes.isOver(job)).isFalse();

        BlockReport first = look(id);
        assertThat(first.phase()).isEqualTo(BlockPhase.RUNNING);
        assertThat(first.message()).contains("keepers are gone");

        BlockReport last = pollUntilOver(id);
        assertThat(last.phase()).isEqualTo(BlockPhase.FAILED);
        assertThat(last.message()).contains("was killed");
        assertThat(Processes.isOver(job)).isTrue();
    }

    @Test
    void blockIsNotOverWhileAJobWithAnEmptiedEnvironmentLives() throws Exception {
        String id =
                submit(1, "echo $PPID >keeper; echo $$ >worker; setsid env -i sh -c 'echo $$ >job; sleep 1000' & wait");
        awaitFile("job");
        long job = Long.parseLong(file("job").strip());
        Processes.kill(Long.parseLong(file("watch.0").split(" ", -1)[0]));
        Processes.kill(Long.parseLong(file("keeper").strip()));
        Processes.kill(Long.parseLong(file("worker").strip()));
        assertThat(Processes.isOver(job)).isFalse();

        BlockReport first = look(id);
        assertThat(first.phase()).isEqualTo(BlockPhase.RUNNING);
        assertThat(first.message()).contains("keepers are gone");
        pollUntilOver(id);
        assertThat(Processes.isOver(job)).isTrue();
    }

    @Test
    void killedKeeperTakesItsWorkerAlong() throws Exception {
        String id = submit(1, "echo $PPID >keeper; exec sleep 1000");
        awaitFile("keeper");
        Processes.kill(Long.parseLong(file("keeper").strip()));

        BlockReport report = pollUntilOver(id);

        assertThat(report.phase()).isEqualTo(BlockPhase.FAILED);
        assertThat(report.message()).contains("node 0: its keeper ended with exit code 137");
        assertThat(nothingLives()).isTrue();
    }

    @Test
    void blockWhoseWorkersLeaveInOrderHasEnded() throws Exception {
        assertThat(pollUntilOver(submit(2, "exit 0"))).isEqualTo(new BlockReport(BlockPhase.ENDED, "", 0));
    }

    @Test
    void blockWhoseWorkerCannotStartHasFailedWithItsLastWords() throws Exception {
        BlockReport report = pollUntilOver(submit(1, "echo 'Error: could not reserve\tspace'; exit 7"));

        assertThat(report.phase()).isEqualTo(BlockPhase.FAILED);
        assertThat(report.message())
                .startsWith("node 0: its keeper ended with exit code 1; ")
                .contains("Error: could not reserve space");
    }

    @Test
    void blockEndsWithItsWalltime() throws Exception {
        String id = provider.parseSubmitted(
                run(submission(1, token, 1, Duration.ofSeconds(3), "echo >up; exec sleep 1000")));
        awaitFile("up");
        assertThat(look(id).remainingSeconds()).isBetween(0L, 3L);

        assertThat(pollUntilOver(id)).isEqualTo(new BlockReport(BlockPhase.ENDED, "its walltime was over", 0));
        assertThat(nothingLives()).isTrue();
    }

    @Test
    void blockEndsWithItsWalltimeThoughItsFirstNodeHasLeft() throws Exception {
        String id = provider.parseSubmitted(
                run(submission(1, token, 2, Duration.ofSeconds(3), "[ $2 = 0 ] && exit 0; echo >up; exec sleep 1000")));
        awaitFile("up");
        awaitFile("ended.0");

        assertThat(pollUntilOver(id)).isEqualTo(new BlockReport(BlockPhase.ENDED, "its walltime was over", 0));
        assertThat(nothingLives()).isTrue();
    }

    /** Files that can't be written are directories here, which not even root can write. */
    @Test
    void blockIsEndedThoughNothingCanBeWritten() throws Exception {
        String id = submit(1, "echo >up; exec sleep 1000");
        awaitFile("up");
        Path block = root.resolve("1");
        Files.delete(block.resolve("block.log"));
        for (String name : List.of("block.log", "cancelled", "ending.new", "ended.0.new")) {
            Files.createDirectory(block.resolve(name));
        }
        // Else there would be a file of that name in it.
        Files.createDirectory(block.resolve("ended.0.new").resolve("full"));

        run(provider.cancel(List.of(id)));

        assertThat(pollUntilOver(id).message()).isEqualTo("cancelled");
        assertThat(nothingLives()).isTrue();
    }

    @Test
    void pollDoesNotWaitForTheEndOfABlockWhicheverShellRunsIt() throws Exception {
        String id = provider.parseSubmitted(run(submission(
                1, token, 1, Duration.ZERO, "trap '' TERM; echo $PPID >keeper; echo >up; while :; do sleep 1; done")));
        awaitFile("up");
        Processes.kill(Long.parseLong(file("watch.0").split(" ", -1)[0]));
        Processes.kill(Long.parseLong(file("keeper").strip()));
        List<String> argv = new ArrayList<>(provider.poll(List.of(id)).argv());
        argv.set(0, "bash");

        Answer answer = run(new Call(argv, "", Duration.ofSeconds(5), Map.of()));

        assertThat(answer.fate()).isEqualTo(Fate.ENDED);
        assertThat(answer.stdout()).contains("keepers are gone");
        pollUntilOver(id);
    }

    @Test
    void blockIsFoundAmongMoreThanACommandLineHolds() throws Exception {
        String id = submit(1, "exit 0");
        for (int other = 2; other < 3000; other++) {
            Files.writeString(
                    Files.createDirectory(root.resolve(String.valueOf(other))).resolve("token"), "other\n");
        }
        List<String> argv = new ArrayList<>(List.of("sh", "-c", "ulimit -s 256; exec \"$@\"", "sh"));
        argv.addAll(provider.find(List.of(token)).argv());

        assertThat(provider.parseFound(run(new Call(argv, "", Duration.ofSeconds(60), Map.of()))))
                .isEqualTo(Map.of(token, id));
    }

    @Test
    void blocksThatCannotBeReadAreNotTakenForAbsent() throws Exception {
        Files.createDirectories(root.resolve("1").resolve("token"));

        assertThatThrownBy(() -> provider.parseFound(run(provider.find(List.of(token)))))
                .hasMessageContaining("can't read");
        Files.delete(root.resolve("1").resolve("token"));
        Files.delete(root.resolve("1"));
        Files.delete(root);
        assertThatThrownBy(() -> provider.parseFound(run(provider.find(List.of(token)))))
                .hasMessageContaining("can't read");
    }

    @Test
    void blockIsFoundByItsTokenAndSubmittedOnlyOnce() throws Exception {
        String worker = "echo >>starts; exec sleep 1000";
        String id = submit(1, worker);
        awaitFile("starts");

        assertThat(provider.parseFound(run(provider.find(List.of("nobody", token)))))
                .isEqualTo(Map.of(token, id));
        assertThat(submit(1, worker)).isEqualTo(id);
        assertThat(file("starts")).isEqualTo("\n");
        ProviderException refusal = catchThrowableOfType(
                ProviderException.class,
                () -> provider.parseSubmitted(run(submission(1, token + "2", 1, Duration.ZERO, worker))));
        assertThat(refusal).hasMessageContaining("is another block's");
        assertThat(refusal.certain()).isTrue();

        run(provider.cancel(List.of(id)));
        pollUntilOver(id);
        assertThat(provider.parseFound(run(provider.find(List.of(token))))).isEqualTo(Map.of(token, id));
    }

    @Test
    void blockThatIsFoundBeforeAnyoneWatchesOverItIsStarting() throws Exception {
        submissionIsUnderWaySince(Duration.ZERO);

        Map<String, String> found = provider.parseFound(run(provider.find(List.of(token))));

        assertThat(found).isEqualTo(Map.of(token, "1.0.0"));
        assertThat(look("1.0.0").phase()).isEqualTo(BlockPhase.RUNNING);
    }

    @Test
    void blockWhoseSubmissionDiedHasFailedWhenItWouldHaveStartedLongAgo() throws Exception {
        submissionIsUnderWaySince(Duration.ofMinutes(1));

        assertThat(look("1.0.0").phase()).isEqualTo(BlockPhase.FAILED);
    }

    /** What a submission has written before it starts what watches. */
    private void submissionIsUnderWaySince(Duration ago) throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        long since = Long.parseLong(uptime.substring(0, uptime.indexOf('.'))) - ago.toSeconds();
        Path directory = blockDirectory(1);
        Files.writeString(directory.resolve("limits"), "1 0 15 " + since + " " + boot() + "\n");
        Files.writeString(directory.resolve("token"), token + "\n");
    }

    private static String boot() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    }

    @Test
    void blocksThatAreNotKnownAreAbsent() throws Exception {
        String id = submit(1, "exit 0");
        pollUntilOver(id);

        assertThat(poll("7.1.2", "../1.2.3", "", id, id + "1").keySet()).containsExactly(id);
        assertThat(provider.parseFound(run(provider.find(List.of("nobody"))))).isEmpty();
    }

    @Test
    void processOfAnotherBootOrWithAnotherStartIsNotOurs() throws Exception {
        String id = submit(1, "exit 0");
        pollUntilOver(id);
        Path keeper = root.resolve("1").resolve("watch.0");
        Path limits = root.resolve("1").resolve("limits");
        String boot = boot();
        // The pid of a process that lives, but did not start then.
        Files.writeString(keeper, ProcessHandle.current().pid() + " 1 " + boot + "\n");
        String altered = "1." + ProcessHandle.current().pid() + ".1";

        assertThat(look(altered)).isEqualTo(new BlockReport(BlockPhase.ENDED, "", 0));

        Files.writeString(limits, Files.readString(limits).replace(boot, "another-boot"));
        assertThat(look(altered)).isEqualTo(new BlockReport(BlockPhase.ENDED, "the machine was started anew", 0));
    }

    @Test
    void blockWhoseDirectoryIsRemovedStillEndsAndTakesNoOtherAlong() throws Exception {
        String other =
                provider.parseSubmitted(run(submission(2, token + "2", 1, Duration.ZERO, "echo >up; exec sleep 1000")));
        Conditions.await("the other block", () -> Files.exists(root.resolve("2").resolve("up")));
        String id = provider.parseSubmitted(run(
                impatient(submission(1, token + "1", 1, Duration.ZERO, "trap '' TERM; echo >up; sleep 1000 & wait"))));
        awaitFile("up");
        run(provider.cancel(List.of(id)));

        // What ends it is at work then, and waits for the worker to leave.
        awaitFile("ending");
        Files.move(root.resolve("1"), root.resolve("moved"));
        Files.delete(root.resolve("moved").resolve("token"));

        Conditions.await(
                "the end of all of it",
                () -> Processes.carrying("INTERCHANGE_BLOCK_TOKEN=" + token + "1")
                        .isEmpty());
        assertThat(look(other).phase()).isEqualTo(BlockPhase.RUNNING);
        run(provider.cancel(List.of(other)));
        pollUntilOver(other);
    }

    /** The same, with one second for its keepers to stop. */
    private static Call impatient(Call submission) {
        List<String> argv = new ArrayList<>(submission.argv());
        argv.set(STOP_ARGUMENT, "1");
        return new Call(argv, "", submission.timeout(), Map.of());
    }

    @Test
    void submissionWithoutADirectoryIsRefusedInWords() throws Exception {
        Call call = provider.submit(new BlockRequest(
                5, token, terms(1, Duration.ZERO), List.of(), root.resolve("absent"), List.of("true")));

        assertThatThrownBy(() -> provider.parseSubmitted(run(call)))
                .isInstanceOf(ProviderException.class)
                .hasMessageContaining("there is no directory");
    }

    @Test
    void tokenThatCouldBePartOfAnotherIsRefused() throws Exception {
        for (String bad : List.of("", "short", "with a blank in it", "star*star*star")) {
            assertThatThrownBy(() -> provider.parseSubmitted(run(submission(3, bad, 1, Duration.ZERO, "exit 0"))))
                    .hasMessageContaining("a token has at least 8 letters and digits");
        }
    }

    @Test
    void answersThatCannotBeReadAreErrorsNotEmptyAnswers() {
        assertThatThrownBy(() -> provider.parsePolled(answer("1.2.3\trunning\n")))
                .hasMessageContaining("can't read");
        assertThatThrownBy(() -> provider.parsePolled(answer("1.2.3\tgone\t0\t\n")))
                .hasMessageContaining("no state 'gone'");
        assertThatThrownBy(() -> provider.parsePolled(answer("1.2.3\tended\tsoon\t\n")))
                .hasMessageContaining("'soon' is no number");
        assertThatThrownBy(() -> provider.parsePolled(new Answer(0, "", "", Fate.TIMED_OUT)))
                .isInstanceOf(ProviderException.class);
        assertThatThrownBy(() -> provider.parseSubmitted(answer("\n"))).hasMessageContaining("printed no id");
        assertThatThrownBy(() -> provider.parseFound(answer("token\n"))).hasMessageContaining("can't read");
    }

    private static Answer answer(String stdout) {
        return new Answer(0, stdout, "", Fate.ENDED);
    }
}
