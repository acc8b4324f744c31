package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.provider.Answer.Fate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchRunnerTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path directory = Path.of("");

    private final BatchRunner runner = new BatchRunner(2);

    @AfterEach
    void close() {
        runner.close();
    }

    private CompletableFuture<Answer> start(String shell, String stdin, Duration timeout) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        runner.run(
                "test",
                new Call(List.of("sh", "-c", shell), stdin, timeout, Map.of("GREETING", "hello")),
                answer::complete);
        return answer;
    }

    private Answer run(String shell) throws Exception {
        return start(shell, "", LONG).get(60, TimeUnit.SECONDS);
    }

    @Test
    void answerHasExitCodeAndBothOutputs() throws Exception {
        Answer answer = run("echo \"$GREETING\"; echo trouble >&2; exit 3");

        assertThat(answer).isEqualTo(new Answer(3, "hello\n", "trouble\n", Fate.ENDED));
        assertThat(answer.ok()).isFalse();
        assertThat(run("true").ok()).isTrue();
    }

    @Test
    void commandReadsWhatItIsGiven() throws Exception {
        String script = "#SBATCH\n".repeat(100_000);

        Answer answer = start("wc -c", script, LONG).get(60, TimeUnit.SECONDS);

        assertThat(answer.stdout().strip()).isEqualTo(String.valueOf(script.length()));
    }

    @Test
    void commandThatReadsNothingIsNoProblem() throws Exception {
        assertThat(start("exec true", "x".repeat(1 << 20), LONG)
                        .get(60, TimeUnit.SECONDS)
                        .ok())
                .isTrue();
    }

    @Test
    void lateCommandIsKilledWithItsChildrenAndWhatItSaidIsKept() throws Exception {
        Path pid = directory.resolve("pid");
        String shell = "echo asking; sleep 1000 & echo $! >" + pid + "; wait";

        Answer answer = start(shell, "", Duration.ofSeconds(1)).get(60, TimeUnit.SECONDS);

        assertThat(answer.fate()).isEqualTo(Fate.TIMED_OUT);
        assertThat(answer.stdout()).isEqualTo("asking\n");
        assertThat(answer.stderr()).isEqualTo("no end after 1 s");
        assertThat(ProviderException.of("sbatch", answer).certain()).isFalse();
        long child = Long.parseLong(Files.readString(pid).strip());
        Conditions.await("the child's end", () -> Processes.isOver(child));
    }

    @Test
    void endlessOutputIsCutAndNoAnswer() throws Exception {
        Answer answer = run("yes");

        assertThat(answer.fate()).isEqualTo(Fate.TOO_LONG);
        assertThat(answer.ok()).isFalse();
        assertThat(answer.stdout().length()).isLessThanOrEqualTo(BoundedOutput.BYTES_MAX);
        assertThat(answer.stderr()).contains("more than " + BoundedOutput.BYTES_MAX + " bytes");
    }

    @Test
    void commandThatDoesNotExistWasCertainlyNotRun() throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        runner.run("test", new Call(List.of("/no/such/sbatch"), "", LONG, Map.of()), answer::complete);

        assertThat(answer.get(60, TimeUnit.SECONDS).fate()).isEqualTo(Fate.NOT_STARTED);
        assertThat(ProviderException.of("sbatch", answer.get()).certain()).isTrue();
        assertThat(ProviderException.of("sbatch", answer.get())).hasMessageContaining("/no/such/sbatch");
    }

    @Test
    void bytesThatAreNoTextAreReplaced() throws Exception {
        assertThat(run("printf 'a\\377b'").stdout()).isEqualTo("a\uFFFDb");
    }

    @Test
    void processLeftBehindDoesNotHoldTheAnswerUp() throws Exception {
        long before = System.nanoTime();
        Answer answer = run("sleep 300 & echo $!");

        assertThat(answer.ok()).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
        long leftover = Long.parseLong(answer.stdout().strip());
        assertThat(Processes.isOver(leftover)).isFalse();
        Conditions.await("the end of all threads of the call", () -> threadsOfCalls() == 0);
        Processes.kill(leftover);
    }

    /** Other than the one that runs commands: of ours for their pipes, and of the JVM for their ends. */
    private static long threadsOfCalls() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(java.util.Arrays::stream)
                .filter(frame -> frame.getMethodName().equals("readAll")
                        || frame.getMethodName().equals("processExited"))
                .count();
    }

    @Test
    void whatGoesWrongInOurselvesIsAnAnswerToo() throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        runner.run("test", new Call(List.of("true"), "", LONG, Map.of("NO=NAME", "x")), answer::complete);

        assertThat(answer.get(60, TimeUnit.SECONDS).fate()).isEqualTo(Fate.TIMED_OUT);
        assertThat(answer.get().stderr()).contains("NO=NAME");
    }

    @Test
    void allThatWasPrintedBeforeTheEndIsReadInOrder() throws Exception {
        for (int round = 0; round < 50; round++) {
            String numbers = run("seq 20000").stdout();
            assertThat(numbers)
                    .startsWith("1\n2\n")
                    .endsWith("\n19999\n20000\n")
                    .hasSize(108_894);
        }
    }

    @Test
    void onlySoManyCommandsOfALaneRunAtATimeAndOtherLanesGoOn() throws Exception {
        Path gate = directory.resolve("gate");
        String waiting = "echo >" + directory + "/started.$$; until [ -e " + gate + " ]; do sleep 0.02; done";
        List<CompletableFuture<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(start(waiting, "", LONG));
        }
        Conditions.await("two commands at work", () -> started() == 2);

        CompletableFuture<Answer> other = new CompletableFuture<>();
        runner.run("other", new Call(List.of("true"), "", LONG, Map.of()), other::complete);
        assertThat(other.get(60, TimeUnit.SECONDS).ok()).isTrue();
        assertThat(started()).isEqualTo(2);

        Files.createFile(gate);
        for (CompletableFuture<Answer> answer : answers) {
            assertThat(answer.get(60, TimeUnit.SECONDS).ok()).isTrue();
        }
        assertThat(started()).isEqualTo(4);
    }

    private long started() {
        String[] names = directory.toFile().list((folder, name) -> name.startsWith("started."));
        return names == null ? 0 : names.length;
    }

    @Test
    void closedRunnerAnswersThatNothingWasRun() throws Exception {
        CompletableFuture<Answer> running = start("sleep 1000", "", LONG);
        CompletableFuture<Answer> first = start("true", "", LONG);
        first.get(60, TimeUnit.SECONDS);

        runner.close();

        assertThat(running.get(60, TimeUnit.SECONDS).ok()).isFalse();
        Answer refused = start("true", "", LONG).get(60, TimeUnit.SECONDS);
        assertThat(refused.fate()).isEqualTo(Fate.NOT_TAKEN);
        // It is no fault of what was asked for, so nobody may count it as one.
        assertThat(ProviderException.of("sbatch", refused).certain()).isFalse();
    }
}
