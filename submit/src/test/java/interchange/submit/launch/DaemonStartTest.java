package interchange.submit.launch;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.submit.Caller;
import interchange.submit.FakeDaemon;
import interchange.wire.ConnectionFile;
import interchange.wire.CurveKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starting on demand, with a script in the place of Java. */
@Timeout(60)
final class DaemonStartTest {
    @TempDir
    Path directory;

    private Path home;
    private Path java;
    private Caller caller;

    DaemonStartTest() {
        home = Path.of("");
        java = Path.of("");
        caller = new Caller(home, home);
    }

    @BeforeEach
    void installAFakeJava() throws IOException {
        home = directory.resolve("home");
        java = directory.resolve("java");
        Path jars = Files.createDirectory(directory.resolve("jars"));
        Files.createFile(jars.resolve("interchange-0.jar"));
        Files.createFile(jars.resolve("interchange-submit-0.jar"));
        caller = new Caller(home, directory)
                .with("INTERCHANGE_AUTOSTART", "1")
                .with("INTERCHANGE_JAVA", java.toString())
                .with("INTERCHANGE_JARS", jars.toString())
                .with("INTERCHANGE_RESTART_DELAYS", "0")
                .with("PATH", System.getenv("PATH"));
    }

    @Test
    void theReasonOfARefusalIsTheUsersToRead() throws IOException {
        javaDoes("echo 'another daemon, on host login2' >&2; exit 3");
        assertThat(caller.run("list", "--json")).isEqualTo(3);
        assertThat(caller.err()).contains("did not start: another daemon, on host login2");
        assertThat(caller.out()).startsWith("{\"error\":{\"kind\":\"NO_DAEMON\"");
    }

    @Test
    void oneThatDiesAgainAndAgainIsNotWaitedFor() throws IOException {
        javaDoes("[ -e \"$4\" ] || echo 'no such class' >&2; [ $(grep -c class $INTERCHANGE_HOME/daemon.err) -ge 3 ]"
                + " && rm -f $INTERCHANGE_HOME/wanted; exit 1");
        assertThat(caller.run("start")).isNotZero();
        assertThat(caller.err()).contains("no such class");
    }

    @Test
    void theDaemonIsToldItsHomeAndNothingOfTheLogin() throws IOException {
        javaDoes("echo \"$@\" >&2; env >&2; exit 3");
        caller.with("SLURM_JOB_ID", "17").with("INTERCHANGE_WORKER_TOKEN", "t").with("TMPDIR", "/scratch");
        assertThat(caller.run("start")).isEqualTo(3);
        assertThat(caller.err())
                .contains("interchange.daemon.DaemonMain --home " + home)
                .contains("jars/interchange-0.jar")
                .doesNotContain("interchange-submit-0.jar")
                .contains("inside Slurm job 17")
                .doesNotContain("SLURM_JOB_ID=")
                .doesNotContain("INTERCHANGE_WORKER_TOKEN=")
                .doesNotContain("TMPDIR=");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                .isEqualTo("rwx------");
    }

    @Test
    void aDaemonThatAnswersIsNotStartedAgain() throws IOException {
        javaDoes("exit 3");
        try (FakeDaemon daemon = new FakeDaemon(home, request -> List.of())) {
            assertThat(caller.run("start")).isZero();
            assertThat(caller.out()).contains("interchange 0.1.0 runs on here");
            assertThat(home.resolve("daemon.err")).doesNotExist();
            assertThat(daemon.asked()).isEmpty();
        }
    }

    @Test
    void anotherKeyThanThatOfTheLivingDaemonIsSaidAndNoneIsStarted() throws IOException {
        javaDoes("exit 3");
        try (FakeDaemon daemon = new FakeDaemon(home, request -> List.of())) {
            giveAnotherKey();
            ownedBy(hostName(), ProcessHandle.current().pid());
            Files.createFile(home.resolve("wanted"));
            for (String command : List.of("list", "start", "ensure", "stop", "info")) {
                assertThat(caller.run(command)).as(command).isEqualTo(3);
                assertThat(caller.err())
                        .contains(home.resolve("client.connection").toString(), "its key is not the one");
            }
            assertThat(caller.run("list", "--json")).isEqualTo(3);
            assertThat(caller.out()).startsWith("{\"error\":{\"kind\":\"REFUSED\"");
            assertThat(caller.err())
                    .contains("belongs to process " + ProcessHandle.current().pid() + " on " + hostName() + ": end it");
            assertThat(home.resolve("daemon.err")).doesNotExist();
            assertThat(daemon.asked()).isEmpty();
        }
    }

    @Test
    void aStrangerOnThePortOfADeadDaemonKeepsNobodyFromStarting() throws IOException {
        javaDoes("echo tried >&2; exit 3");
        try (FakeDaemon stranger = new FakeDaemon(home, request -> List.of())) {
            giveAnotherKey();
            ownedBy(hostName(), 0);
            assertThat(caller.run("list")).isEqualTo(3);
            assertThat(caller.err()).contains("tried");
            assertThat(stranger.asked()).isEmpty();
        }
    }

    @Test
    void aProcessIdOfAnotherHostIsNotTakenForOneOfThis() throws IOException {
        javaDoes("echo 'belongs to another host' >&2; exit 3");
        Files.createDirectories(home);
        ownedBy("another-host", ProcessHandle.current().pid());
        long startNanos = System.nanoTime();
        assertThat(caller.run("list")).isEqualTo(3);
        assertThat(caller.err()).contains("belongs to another host");
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos))
                .as("not waited for, as for one of this host that may be about to answer")
                .isLessThan(Duration.ofSeconds(8));
    }

    private void giveAnotherKey() throws IOException {
        Path file = home.resolve("client.connection");
        ConnectionFile right = ConnectionFile.read(file);
        CurveKeys other = CurveKeys.draw();
        new ConnectionFile(
                        right.version(),
                        right.addresses(),
                        right.port(),
                        other.publicKey(),
                        right.publicKey(),
                        right.secretKey())
                .write(file);
    }

    private void ownedBy(String host, long pid) throws IOException {
        Files.writeString(home.resolve("owner"), host + " " + kernel("random/boot_id") + " " + pid + " 1 token\n");
    }

    private static String hostName() throws IOException {
        return kernel("hostname");
    }

    private static String kernel(String name) throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel").resolve(name)).strip();
    }

    @Test
    void theConfigurationMayTurnStartingOnDemandOff() throws IOException {
        Files.createDirectories(home);
        Files.writeString(home.resolve("config.yaml"), "logLevel: info\nautostart: false # by hand only\n");
        assertThat(caller.run("list")).isEqualTo(3);
        assertThat(caller.err()).contains("turned off (autostart)");
        assertThat(home.resolve("daemon.err")).doesNotExist();
    }

    @Test
    void ensureStartsOnlyWhatIsWanted() throws IOException {
        javaDoes("echo tried >&2; exit 3");
        assertThat(caller.run("ensure")).isZero();
        assertThat(home).doesNotExist();
        Files.createDirectories(home);
        Files.createFile(home.resolve("wanted"));
        assertThat(caller.run("ensure")).isEqualTo(3);
        assertThat(caller.err()).contains("tried");
    }

    private void javaDoes(String script) throws IOException {
        Files.writeString(java, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    }
}
