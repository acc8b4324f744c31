package interchange.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonConfigTest {
    @TempDir
    private Path home = Path.of("");

    private DaemonConfig read(String yaml) throws Exception {
        Files.writeString(home.resolve("config.yaml"), yaml);
        return DaemonConfig.read(home);
    }

    private List<String> problems(String yaml) {
        InvalidSettingsException refusal = catchThrowableOfType(InvalidSettingsException.class, () -> read(yaml));
        assertThat(refusal).as("a refusal").isNotNull();
        return refusal.problems().stream()
                .map(problem -> problem.replace(home + "/", ""))
                .toList();
    }

    @Test
    void withoutAFileTheStandardHolds() throws Exception {
        DaemonConfig config = DaemonConfig.read(home);

        assertThat(config).isEqualTo(DaemonConfig.standard());
        assertThat(config.autostart()).isTrue();
        assertThat(config.leaseMargin()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.heartbeatInterval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.blockEndWait()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.addresses()).isEmpty();
        assertThat(config.bind()).isEqualTo("*");
        assertThat(config.messageMaxBytes()).isEqualTo(64L << 20);
    }

    @Test
    void valuesAreRead() throws Exception {
        DaemonConfig config = read(
                "leaseMargin: 5 s\nautostart: false\naddresses: [login1, 10.0.0.1]\nmessageMax: 8\nfilesPort: 4712\n");

        assertThat(config.leaseMargin()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.autostart()).isFalse();
        assertThat(config.filesPort()).isEqualTo(4712);
        assertThat(config.addresses()).containsExactly("login1", "10.0.0.1");
        assertThat(config.messageMaxBytes()).isEqualTo(8L << 20);
    }

    @Test
    void everyProblemIsSaidWithFileAndKey() {
        assertThat(problems("leasemargin: 5\nautostart: perhaps\nworkerPort: 70000\n"))
                .containsExactly(
                        "config.yaml: there is no key 'leasemargin'; did you mean 'leaseMargin'?",
                        "config.yaml: autostart is \"perhaps\"; allowed: true or false",
                        "config.yaml: workerPort is 70000; allowed: a whole number from 0 to 65535");
    }

    @Test
    void textThatIsNoYamlIsRefusedWithItsLine() {
        assertThat(problems("autostart: true\nbind: [\n"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:3: is not YAML");
        assertThat(problems("- a\n")).singleElement().asString().contains("must be a section of keys and values");
        assertThat(problems("bind: a\nbind: b\n")).singleElement().asString().contains("is not YAML");
        assertThat(problems("bind: !!java.net.URL [http://localhost]\n"))
                .singleElement()
                .asString()
                .contains("is not YAML");
    }
}
