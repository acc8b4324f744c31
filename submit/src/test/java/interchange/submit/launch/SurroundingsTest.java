package interchange.submit.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SurroundingsTest {
    private static final Map<String, String> LOGIN = Map.of("USER", "astra");

    @TempDir
    Path root;

    @Test
    void onAnOrdinaryLoginNodeThereIsNothingToSay() throws IOException {
        logind("#KillUserProcesses=yes\nKillUserProcesses=no\n");
        assertThat(new Surroundings(LOGIN, root).warnings()).isEmpty();
    }

    @Test
    void aBatchJobKillsTheDaemonWithIt() {
        assertThat(new Surroundings(Map.of("PBS_JOBID", "9.pbs"), root).warnings())
                .singleElement()
                .asString()
                .contains("inside PBS job 9.pbs", "on a login node");
    }

    @Test
    void logindMayKillItAtLogout() throws IOException {
        logind("[Login]\nKillUserProcesses = yes\n");
        assertThat(new Surroundings(LOGIN, root).warnings())
                .singleElement()
                .asString()
                .contains("loginctl enable-linger");
        linger();
        assertThat(new Surroundings(LOGIN, root).warnings()).isEmpty();
    }

    @Test
    void aScopeOfOnesOwnIsUsedOnlyWhereItOutlivesTheLogin() throws IOException {
        Path runtime = Files.createDirectories(root.resolve("run/systemd"));
        Files.createFile(runtime.resolve("private"));
        Map<String, String> login =
                Map.of("USER", "astra", "XDG_RUNTIME_DIR", root.resolve("run").toString());
        assertThat(new Surroundings(login, root).scopeOutlivesLogin()).isFalse();
        linger();
        assertThat(new Surroundings(login, root).scopeOutlivesLogin()).isTrue();
        assertThat(new Surroundings(LOGIN, root).scopeOutlivesLogin()).isFalse();
    }

    private void logind(String text) throws IOException {
        Files.writeString(
                Files.createDirectories(root.resolve("etc/systemd/logind.conf.d"))
                        .resolve("site.conf"),
                text);
    }

    private void linger() throws IOException {
        Files.createFile(
                Files.createDirectories(root.resolve("var/lib/systemd/linger")).resolve("astra"));
    }
}
