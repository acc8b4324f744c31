package interchange.submit.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class TableTest {
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(text, true, StandardCharsets.UTF_8);
    private final Console console = new Console(out, out, false, false);

    @Test
    void numbersStandToTheRightAndTextsToTheLeft() {
        new Table("RUN", "NAME", "DONE")
                .row(7, "a long name", 10)
                .row(12, "b", "-")
                .print(console);
        assertThat(text.toString(StandardCharsets.UTF_8)).isEqualTo("""
                        RUN  NAME         DONE
                          7  a long name    10
                         12  b               -
                        """);
    }

    @Test
    void theHeadingComesOnceHoweverManyPagesThereAre() {
        Table table = new Table("A").row("x");
        table.print(console);
        table.row("y").print(console);
        assertThat(text.toString(StandardCharsets.UTF_8)).isEqualTo("A\nx\ny\n");
    }

    @Test
    void durationsAreShort() {
        assertThat(Words.duration(9)).isEqualTo("9s");
        assertThat(Words.duration(750)).isEqualTo("12m30s");
        assertThat(Words.duration(7500)).isEqualTo("2h05m");
        assertThat(Words.duration(273_600)).isEqualTo("3d04h");
        assertThat(Words.duration(-1)).isEqualTo("-");
    }
}
