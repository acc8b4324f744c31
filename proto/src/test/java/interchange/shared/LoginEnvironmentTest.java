package interchange.shared;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoginEnvironmentTest {
    private static final Map<String, String> SHELL =
            Map.of("PATH", "/bin", "HOME", "/home/a", "STACK", "w_2026", "X", "");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TMPDIR",
                "HOSTNAME",
                "PWD",
                "OLDPWD",
                "SHLVL",
                "_",
                "XDG_RUNTIME_DIR",
                "XDG_SESSION_ID",
                "KRB5CCNAME",
                "SSH_AUTH_SOCK",
                "DISPLAY",
                "SLURM_JOB_ID",
                "PBS_JOBID",
                "LSB_JOBID",
                "LS_SUBCWD",
                "INTERCHANGE_WORKER_TOKEN",
                "INTERCHANGE_ATTEMPT",
                "INTERCHANGE_BLOCK_ENDS",
                "INTERCHANGE_REMAINING_SECONDS"
            })
    void whatBelongsToTheLoginOrTheBatchJobStaysBehind(String name) {
        assertThat(LoginEnvironment.without(Map.of(name, "x", "STACK", "w"))).containsOnlyKeys("STACK");
    }

    @Test
    void everythingElseGoesWithTheRun() {
        assertThat(LoginEnvironment.without(SHELL)).isEqualTo(SHELL);
    }

    @Test
    void aDaemonKnowsWhereTheClusterIsAndNothingOfAnAllocation() {
        assertThat(LoginEnvironment.ofDaemon(
                        Map.of("SLURM_CONF", "/c", "SLURM_JOB_ID", "1", "STACK", "w", "TMPDIR", "/t")))
                .containsOnlyKeys("SLURM_CONF", "STACK");
    }
}
