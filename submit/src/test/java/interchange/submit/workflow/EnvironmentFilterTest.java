package interchange.submit.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentFilterTest {
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
                "INTERCHANGE_ATTEMPT"
            })
    void whatBelongsToTheLoginOrTheBatchJobStaysBehind(String name) {
        assertThat(new EnvironmentFilter.Usual().apply(Map.of(name, "x", "STACK", "w")))
                .containsOnlyKeys("STACK");
    }

    @Test
    void everythingElseGoesWithTheRun() {
        assertThat(new EnvironmentFilter.Usual().apply(SHELL)).isEqualTo(SHELL);
    }

    @Test
    void aSiteMayWantNothingButTheIndispensable() {
        assertThat(ExportRules.of("false").apply(SHELL)).containsOnlyKeys("PATH", "HOME");
    }

    @Test
    void aSiteMayListWhatItWantsEvenOfTheLogin() {
        EnvironmentFilter filter =
                new EnvironmentFilter.Listed(List.of("STACK", "DISPLAY", "INTERCHANGE_WORKER_TOKEN"));
        assertThat(filter.apply(Map.of("STACK", "w", "DISPLAY", ":0", "OTHER", "o", "INTERCHANGE_WORKER_TOKEN", "t")))
                .containsOnlyKeys("STACK", "DISPLAY");
        assertThat(ExportRules.of("A,B")).isEqualTo(new EnvironmentFilter.Listed(List.of("A", "B")));
    }
}
