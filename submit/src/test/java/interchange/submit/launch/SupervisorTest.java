package interchange.submit.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shell script itself, with a command in the daemon's place that ends as told. */
@Timeout(60)
final class SupervisorTest {
    @TempDir
    Path home;

    private Path script;
    private Process supervisor;

    SupervisorTest() throws IOException {
        script = Path.of("");
        supervisor = new ProcessBuilder("true").start();
    }

    @BeforeEach
    void unpack() throws IOException {
        script = home.resolve("supervisor.sh");
        try (InputStream in = SupervisorTest.class.getResourceAsStream("/interchange/submit/supervisor.sh")) {
            Files.write(script, in == null ? new byte[0] : in.readAllBytes());
        }
        Files.createFile(home.resolve("wanted"));
    }

    @AfterEach
    void end() {
        supervisor.descendants().forEach(ProcessHandle::destroyForcibly);
        supervisor.destroyForcibly();
    }

    @Test
    void anEndOnPurposeIsTheEnd() throws Exception {
        assertThat(run("echo x >>starts; exit 0")).isZero();
        assertThat(starts()).isEqualTo(1);
    }

    @Test
    void aRefusalToStartIsTheEndAndItsReasonIsKept() throws Exception {
        assertThat(run("echo another daemon >&2; echo x >>starts; exit 3")).isEqualTo(3);
        assertThat(starts()).isEqualTo(1);
        assertThat(home.resolve("daemon.err")).hasContent("another daemon");
    }

    @Test
    void afterAnAccidentItIsStartedAgain() throws Exception {
        assertThat(run("echo x >>starts; [ $(wc -l <starts) -ge 4 ] || kill -9 $$"))
                .isZero();
        assertThat(starts()).isEqualTo(4);
        assertThat(home.resolve("daemon.err")).content().contains("ended with status 137, starting it again in 0 s");
    }

    @Test
    void whatIsNotWantedAnyMoreIsNotStartedAgain() throws Exception {
        assertThat(run("echo x >>starts; rm wanted; exit 7")).isZero();
        assertThat(starts()).isEqualTo(1);
    }

    @Test
    void aSignalToItEndsTheDaemonInOrder() throws Exception {
        start("trap 'echo ended >>starts; exit 143' TERM; echo x >>starts; while :; do sleep 0.05; done");
        await(() -> Files.exists(home.resolve("starts")));
        supervisor.destroy();
        assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(supervisor.exitValue()).isEqualTo(143);
        assertThat(home.resolve("starts")).hasContent("x\nended");
    }

    @Test
    void aSignalWhileItWaitsEndsIt() throws Exception {
        start("exit 7", "1000");
        await(() -> said().contains("again in 1000 s"));
        supervisor.destroy();
        assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
        await(() -> supervisor.descendants().findAny().isEmpty());
    }

    @Test
    void itSurvivesTheEndOfTheLogin() throws Exception {
        start("trap 'exit 0' TERM; echo x >>starts; while :; do sleep 0.05; done");
        await(() -> Files.exists(home.resolve("starts")));
        new ProcessBuilder("kill", "-HUP", String.valueOf(supervisor.pid()))
                .start()
                .waitFor();
        supervisor.destroy();
        assertThat(supervisor.waitFor()).isZero();
    }

    @Test
    void whatTheDaemonSaysIsBounded() throws Exception {
        Files.writeString(home.resolve("daemon.err"), "y".repeat(5000));
        assertThat(run("echo new >&2")).isZero();
        assertThat(home.resolve("daemon.err")).hasContent("new");
        assertThat(home.resolve("daemon.err.1")).hasSize(5000);
    }

    @Test
    void itsDirectoryIsTheRoot() throws Exception {
        assertThat(run("readlink /proc/$PPID/cwd >where; readlink /proc/$$/fd/0 >>where"))
                .isZero();
        assertThat(home.resolve("where")).hasContent("/\n/dev/null");
    }

    private int run(String command) throws IOException, InterruptedException {
        start(command);
        return supervisor.waitFor();
    }

    private void start(String command) throws IOException {
        start(command, "0 0");
    }

    private void start(String command, String delays) throws IOException {
        String inHome = "cd '" + home + "' || exit 9; " + command;
        ProcessBuilder builder =
                new ProcessBuilder(List.of("sh", script.toString(), home.toString(), "sh", "-c", inHome));
        builder.environment().put("INTERCHANGE_RESTART_DELAYS", delays);
        builder.environment().put("INTERCHANGE_ERRORS_LIMIT_BYTES", "1000");
        supervisor = builder.start();
    }

    private long starts() throws IOException {
        return Files.readAllLines(home.resolve("starts")).size();
    }

    private String said() {
        try {
            Path errors = home.resolve("daemon.err");
            return Files.exists(errors) ? Files.readString(errors) : "";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadlineNanos);
            Thread.onSpinWait();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }
}
