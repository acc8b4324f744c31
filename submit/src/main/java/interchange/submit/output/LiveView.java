package interchange.submit.output;

import interchange.proto.control.LabelReport;
import interchange.proto.control.ReportResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Progress on a terminal, painted over itself. */
public final class LiveView implements ProgressView {
    private static final int LABELS_MAX = 30;
    private static final int WIDTH_DEFAULT = 100;
    private static final int BAR_CELLS = 20;
    private static final String CLEAR_BELOW = "\u001b[J";
    private static final String CLEAR_LINE = "\u001b[K";

    private final Console console;
    private final int width;
    private int painted;

    public LiveView(Console console, Map<String, String> environment) {
        this.console = console;
        this.width = width(environment.getOrDefault("COLUMNS", ""));
    }

    @Override
    public void show(ReportResponse report) {
        paint(lines(report));
    }

    @Override
    public void away(String reason) {
        console.out().print("\r" + CLEAR_LINE + fitted(reason + "; waiting for it"));
        console.out().flush();
    }

    @Override
    public void end(ReportResponse report) {
        List<String> lines = lines(report);
        lines.addAll(report.getMessagesList());
        paint(lines);
    }

    private void paint(List<String> lines) {
        StringBuilder text = new StringBuilder("\r");
        if (painted > 0) {
            text.append("\u001b[").append(painted).append('A');
        }
        text.append(CLEAR_BELOW);
        lines.forEach(line -> text.append(fitted(line)).append('\n'));
        painted = lines.size();
        console.out().print(text);
        console.out().flush();
    }

    private static List<String> lines(ReportResponse report) {
        List<String> lines = new ArrayList<>();
        lines.add(Progress.line(report));
        int labelWidth = report.getLabelsList().stream()
                .limit(LABELS_MAX)
                .mapToInt(label -> label.getLabel().length())
                .max()
                .orElse(0);
        for (LabelReport label :
                report.getLabelsList().stream().limit(LABELS_MAX).toList()) {
            lines.add(line(label, labelWidth));
        }
        if (report.getLabelsCount() > LABELS_MAX) {
            lines.add("  and " + (report.getLabelsCount() - LABELS_MAX) + " labels more");
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

    /** A line that wrapped would be two when it is painted over. */
    private String fitted(String line) {
        return line.length() < width ? line : line.substring(0, width - 1);
    }

    private static int width(String columns) {
        return columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : WIDTH_DEFAULT;
    }
}
