package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerCommandTest {
    private static final WorkerCommand COMMAND =
            new WorkerCommand(List.of("java", "Main"), Path.of("/h/worker.connection"), "tok");

    @Test
    void lineNamesEverythingButTheRank() {
        assertThat(COMMAND.here(2, 4096, Duration.ofMinutes(2)))
                .containsExactly(
                        "java",
                        "Main",
                        "--connection",
                        "/h/worker.connection",
                        "--block-token",
                        "tok",
                        "--block-restarts",
                        "0",
                        "--cores",
                        "2",
                        "--memory",
                        "4096",
                        "--remaining",
                        "120");
    }

    @Test
    void blockWithoutEndSaysNothingOfIt() {
        assertThat(COMMAND.here(2, 4096, Duration.ZERO)).doesNotContain("--remaining");
    }

    @Test
    void nodesOfABatchSystemAddWhatOnlyTheyKnow() {
        assertThat(COMMAND.bare())
                .containsExactly("java", "Main", "--connection", "/h/worker.connection", "--block-token", "tok");
    }
}
