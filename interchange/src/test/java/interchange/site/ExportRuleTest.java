package interchange.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExportRuleTest {
    private static final ExportRule NONE = new ExportRule(false, List.of());
    private static final Map<String, String> SHELL = Map.of(
            "PATH", "/bin",
            "INTERCHANGE_UMASK", "002",
            "STACK", "w_2026",
            "DISPLAY", ":0",
            "SECRET", "s",
            "INTERCHANGE_WORKER_TOKEN", "t");

    @Test
    void allIsAllButWhatBelongsToTheLogin() {
        assertThat(ExportRule.ALL.apply(SHELL)).containsOnlyKeys("PATH", "INTERCHANGE_UMASK", "STACK", "SECRET");
    }

    @Test
    void noneLeavesWhatNoProgramDoesWithout() {
        assertThat(NONE.apply(SHELL)).containsOnlyKeys("PATH", "INTERCHANGE_UMASK");
    }

    @Test
    void aSiteMayListWhatItWantsEvenOfTheLogin() {
        assertThat(listed("STACK", "DISPLAY", "INTERCHANGE_WORKER_TOKEN").apply(SHELL))
                .containsOnlyKeys("PATH", "INTERCHANGE_UMASK", "STACK", "DISPLAY");
    }

    @Test
    void ofSeveralTheStrictestHolds() {
        assertThat(ExportRule.strictest(List.of())).isEqualTo(ExportRule.ALL);
        assertThat(ExportRule.strictest(List.of(ExportRule.ALL, listed("A", "B"))))
                .isEqualTo(listed("A", "B"));
        assertThat(ExportRule.strictest(List.of(listed("A", "B"), ExportRule.ALL, listed("B", "C"))))
                .isEqualTo(listed("B"));
        assertThat(ExportRule.strictest(List.of(listed("A"), NONE))).isEqualTo(NONE);
    }

    private static ExportRule listed(String... names) {
        return new ExportRule(false, List.of(names));
    }
}
