package interchange.submit.output;

import interchange.proto.control.ReportResponse;
import java.time.Duration;
import java.util.List;

/** Progress for logs and scripts: a line when something has changed, and not too often. */
public final class PlainView implements ProgressView {
    private final Console console;
    private final long periodNanos;
    private String shown = "";
    private long shownNanos;
    private boolean away;

    public PlainView(Console console, Duration period) {
        this.console = console;
        this.periodNanos = period.toNanos();
    }

    @Override
    public void show(ReportResponse report) {
        away = false;
        // The rate and the estimate always change; they are no news.
        String news = report.getSummary().getCountsList()
                + report.getSummary().getState().name();
        long nowNanos = System.nanoTime();
        if (!news.equals(shown) && (shown.isEmpty() || nowNanos - shownNanos >= periodNanos)) {
            shown = news;
            shownNanos = nowNanos;
            print(report);
        }
    }

    @Override
    public void away(String reason) {
        if (!away) {
            away = true;
            console.note(reason + "; waiting for it");
            console.err().flush();
        }
    }

    @Override
    public void end(ReportResponse report) {
        print(report);
        if (!console.json()) {
            List<String> messages = report.getMessagesList();
            messages.forEach(console::line);
            console.out().flush();
        }
    }

    private void print(ReportResponse report) {
        if (console.json()) {
            console.json(report);
        } else {
            console.line(Words.time(System.currentTimeMillis()) + " " + Progress.line(report));
        }
        console.out().flush();
    }
}
