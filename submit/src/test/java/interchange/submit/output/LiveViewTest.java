package interchange.submit.output;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.control.LabelReport;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.RunState;
import interchange.proto.control.RunSummary;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LiveViewTest {
    private static final String BEGIN = "\u001b[?7l\r";
    private static final String END = "\u001b[?7h";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @ParameterizedTest
    @CsvSource({"24, 80", "10, 40", "3, 20", "60, 200"})
    void whatIsPaintedFitsTheTerminalSoThatItCanBePaintedOver(int rows, int columns) {
        LiveView view = view(new TerminalSize(rows, columns));
        view.show(report(40));
        List<String> first = painted(out.toString(StandardCharsets.UTF_8), "\u001b[J");
        assertThat(first)
                .hasSizeLessThan(Math.max(rows, 4))
                .allSatisfy(line -> assertThat(line.length()).isLessThan(columns));
        assertThat(first.getLast()).contains("and ");
        out.reset();
        view.show(report(40));
        assertThat(painted(out.toString(StandardCharsets.UTF_8), "\u001b[" + first.size() + "A\u001b[J"))
                .isEqualTo(first);
    }

    @Test
    void theLastMessagesAreShownWhole() {
        String message = "x".repeat(300);
        view(new TerminalSize(24, 80))
                .end(report(1).toBuilder().addMessages(message).build());
        assertThat(out.toString(StandardCharsets.UTF_8)).endsWith(END + message + "\n");
    }

    @Test
    void theSizeIsAsSttySaysIt() {
        assertThat(TerminalSize.parse("50 132\n")).isEqualTo(new TerminalSize(50, 132));
        assertThat(TerminalSize.parse("0 0\n")).isEqualTo(TerminalSize.USUAL);
        assertThat(TerminalSize.parse("")).isEqualTo(TerminalSize.USUAL);
    }

    private LiveView view(TerminalSize size) {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new LiveView(new Console(stream, stream, false, true), size);
    }

    private static List<String> painted(String text, String start) {
        assertThat(text).startsWith(BEGIN + start).endsWith("\n" + END);
        return text.substring(BEGIN.length() + start.length(), text.length() - END.length())
                .lines()
                .toList();
    }

    private static ReportResponse report(int labels) {
        ReportResponse.Builder report = ReportResponse.newBuilder()
                .setSummary(RunSummary.newBuilder()
                        .setId(7)
                        .setName("a-name-that-is-quite-long-for-a-narrow-terminal")
                        .setState(RunState.RUN_FAILED)
                        .setEndedEpochMillis(1));
        for (int i = 0; i < labels; i++) {
            report.addLabels(LabelReport.newBuilder().setLabel("label" + i).setExpected(1000));
        }
        return report.build();
    }
}
