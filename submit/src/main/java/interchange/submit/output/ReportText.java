package interchange.submit.output;

import interchange.proto.control.JobState;
import interchange.proto.control.LabelReport;
import interchange.proto.control.ReportResponse;
import interchange.proto.control.RunSummary;
import interchange.proto.control.StateCount;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A report as {@code bps report} lays it out: a line about the run, then labels by states. */
public final class ReportText {
    private static final List<JobState> COLUMNS = List.of(
            JobState.UNREADY,
            JobState.READY,
            JobState.PENDING,
            JobState.RUNNING,
            JobState.HELD,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.DELETED,
            JobState.PRUNED);

    private ReportText() {}

    public static void print(ReportResponse report, Console console) {
        RunSummary run = report.getSummary();
        console.line("Run " + run.getId() + " " + run.getName() + ": " + Words.state(run.getState())
                + (run.getCancelling() ? ", being cancelled" : ""));
        console.line("Path: " + run.getSubmitDirectory());
        console.line("Submitted: " + Words.time(run.getSubmittedEpochMillis()) + "  Ended: "
                + Words.time(run.getEndedEpochMillis()) + "  Site: " + Words.orDash(run.getSite()));
        console.line("");
        printStates(report, console);
        printExitCodes(report, console);
        if (report.getMessagesCount() > 0) {
            console.line("");
            report.getMessagesList().forEach(console::line);
        }
    }

    private static void printStates(ReportResponse report, Console console) {
        List<String> heading = new ArrayList<>(List.of("LABEL"));
        COLUMNS.forEach(state -> heading.add(state.name()));
        heading.add("EXPECTED");
        Table table = new Table(heading.toArray(String[]::new));
        RunSummary run = report.getSummary();
        table.row(cells("TOTAL", run.getCountsList(), run.getJobs()));
        for (LabelReport label : report.getLabelsList()) {
            table.row(cells(label.getLabel(), label.getCountsList(), label.getExpected()));
        }
        table.print(console);
    }

    private static Object[] cells(String label, List<StateCount> counts, long expected) {
        List<Object> cells = new ArrayList<>(List.of(label));
        COLUMNS.forEach(state -> cells.add(Words.count(counts, state)));
        cells.add(expected);
        return cells.toArray();
    }

    private static void printExitCodes(ReportResponse report, Console console) {
        Table table = new Table("LABEL", "FAILED WITH EXIT CODE");
        boolean any = false;
        for (LabelReport label : report.getLabelsList()) {
            if (label.getExitCodesCount() > 0) {
                table.row(label.getLabel(), frequencies(label.getExitCodesList()));
                any = true;
            }
        }
        if (any) {
            console.line("");
            table.print(console);
        }
    }

    private static String frequencies(List<Integer> codes) {
        Map<Integer, Long> count =
                codes.stream().collect(Collectors.groupingBy(code -> code, TreeMap::new, Collectors.counting()));
        return count.entrySet().stream()
                .map(entry -> entry.getKey() + (entry.getValue() == 1 ? "" : " (" + entry.getValue() + " times)"))
                .collect(Collectors.joining(", "));
    }
}
