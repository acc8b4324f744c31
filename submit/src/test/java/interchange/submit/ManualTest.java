package interchange.submit;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.submit.workflow.WorkflowManual;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manual's pages that are made from this module; -Dinterchange.writeManual=true writes them. */
final class ManualTest {
    private static final Path TOP = Path.of(".."); // tests run in their module

    /** What our programs tell one another, and what tests turn. */
    private static final Set<String> INTERNAL = Set.of(
            "INTERCHANGE_BRINGS",
            "INTERCHANGE_AOT_RECORD",
            "INTERCHANGE_ATTEMPT_TOKEN",
            "INTERCHANGE_BLOCK_TOKEN",
            "INTERCHANGE_WORKER_TOKEN",
            "INTERCHANGE_ERRORS_LIMIT_BYTES",
            "INTERCHANGE_RESTART_DELAYS",
            "INTERCHANGE_STEADY_SECONDS");

    private static final Pattern VARIABLE = Pattern.compile("\\bINTERCHANGE_[A-Z_]*[A-Z]");

    @Test
    void pageOfTheCommandLineIsWhatTheCommandsSay() throws IOException {
        compare("cli.md", CliManual.text());
    }

    @Test
    void pageOfWorkflowsIsWhatTheirReadersKnow() throws IOException {
        compare("workflow.md", WorkflowManual.text());
    }

    @Test
    void everyVariableIsInTheManual() throws IOException {
        Set<String> used = new TreeSet<>();
        for (String sources : List.of(
                "proto/src/main",
                "interchange/src/main",
                "worker/src/main",
                "submit/src/main",
                "submit/python/interchange_runtime",
                "submit/python/lsst")) {
            try (Stream<Path> files = Files.walk(TOP.resolve(sources))) {
                files.filter(file -> file.toString().matches(".*\\.(java|sh|py)"))
                        .flatMap(ManualTest::variables)
                        .forEach(used::add);
            }
        }
        Set<String> known = new TreeSet<>(INTERNAL);
        known.addAll(CliManual.VARIABLES.keySet());
        known.addAll(CliManual.GIVEN.keySet());
        assertThat(used).isEqualTo(known);
    }

    private static Stream<String> variables(Path file) {
        try {
            return VARIABLE.matcher(Files.readString(file)).results().map(MatchResult::group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compare(String name, String made) throws IOException {
        Path page = TOP.resolve("docs").resolve(name);
        if (Boolean.getBoolean("interchange.writeManual")) {
            Files.writeString(page, made);
        }
        assertThat(page)
                .as(
                        "docs/%s; write it anew: mvn -pl submit -am test -Dtest=ManualTest"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dinterchange.writeManual=true",
                        name)
                .hasContent(made);
    }
}
