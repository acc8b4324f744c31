package interchange.submit.output;

import interchange.proto.control.LabelReport;
import interchange.proto.control.ReportResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Progress on a terminal, painted over itself. */
public final class LiveView implements ProgressView {
    private static final int LABELS_MAX = 30;
    private static final int BAR_CELLS = 20;

    /** Of the terminal's rows: the first line, the one that counts the labels left out, and the cursor's. */
    private static final int OTHER_ROWS = 3;

    private static final String CLEAR_BELOW = "\u001b[J";
    private static final String CLEAR_LINE = "\u001b[K";

    /** A line that wrapped, because the terminal became narrower, would be two when it is painted over. */
    private static final String WRAP_OFF = "\u001b[?7l";

    private static final String WRAP_ON = "\u001b[?7h";

    private final Console console;
    private final TerminalSize size;
    private int painted;

    public LiveView(Console console, TerminalSize size) {
        this.console = console;
        this.size = size;
    }

    @Override
    public void show(ReportResponse report) {
        paint(lines(report));
    }

    @Override
    public void away(String reason) {
        console.out().print(WRAP_OFF + "\r" + CLEAR_LINE + fitted(reason + "; waiting for it") + WRAP_ON);
        console.out().flush();
    }

    @Override
    public void end(ReportResponse report) {
        List<String> lines = lines(report);
        paint(lines);
        // Nothing is painted over them: they may be as long and as many as they are.
        report.getMessagesList().forEach(console::line);
        console.out().flush();
    }

    private void paint(List<String> lines) {
        StringBuilder text = new StringBuilder(WRAP_OFF).append('\r');
        if (painted > 0) {
            text.append("\u001b[").append(painted).append('A');
        }
        text.append(CLEAR_BELOW);
        lines.forEach(line -> text.append(fitted(line)).append('\n'));
        text.append(WRAP_ON);
        painted = lines.size();
        console.out().print(text);
        console.out().flush();
    }

    private List<String> lines(ReportResponse report) {
        int shown = Math.max(1, Math.min(LABELS_MAX, size.rows() - OTHER_ROWS));
        List<LabelReport> labels = report.getLabelsList().stream().limit(shown).toList();
        int labelWidth = labels.stream()
                .mapToInt(label -> label.getLabel().length())
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add(Progress.line(report));
        labels.forEach(label -> lines.add(line(label, labelWidth)));
        if (report.getLabelsCount() > shown) {
            lines.add("  and " + (report.getLabelsCount() - shown) + " labels more");
        }
        return lines;
    }

    private static String line(LabelReport label, int labelWidth) {
        Progress now = Progress.of(label.getCountsList(), label.getExpected());
        int cells = (int) (BAR_CELLS * now.done() / Math.max(1, now.total()));
        return String.format(
                Locale.ROOT,
                "  %-" + Math.max(1, labelWidth) + "s [%s%s] %d/%d done, %d running, %d waiting, %d failed",
                label.getLabel(),
                "#".repeat(cells),
                ".".repeat(BAR_CELLS - cells),
                now.done(),
                now.total(),
                now.running(),
                now.waiting(),
                now.failed());
    }

    private String fitted(String line) {
        return line.length() < size.columns() ? line : line.substring(0, size.columns() - 1);
    }
}
