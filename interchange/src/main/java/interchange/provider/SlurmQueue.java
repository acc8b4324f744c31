package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user's jobs as one squeue shows them: all, in all states, since one id that is not known spoils an answer about
 * several.
 *
 * <p>Only comment and directory may hold anything, the separator and line ends among it, so they come last, and what does
 * not look like the beginning of a job is the rest of one.
 */
final class SlurmQueue {
    /** Id, state, time left, nodes, reason, comment, directory. */
    static final String FORMAT = "%i|%T|%L|%N|%r|%k|%Z";

    private static final Pattern JOB =
            Pattern.compile("(\\d+)\\|([A-Z0-9_]+)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|(.*)", Pattern.DOTALL);

    /** Of array and heterogeneous jobs, which are not ours. */
    private static final Pattern OTHER = Pattern.compile("\\d+[_+][^|]*\\|.*", Pattern.DOTALL);

    private static final Pattern LEFT = Pattern.compile("(?:(\\d+)-)?(?:(\\d+):)?(\\d+):(\\d+)");

    /** @param rest comment and directory */
    private record Line(String id, String state, String left, String nodes, String reason, String rest) {}

    private final Map<String, Line> lines = new LinkedHashMap<>();

    /** @throws ProviderException when there is an answer, but not one job in it can be read */
    SlurmQueue(String text) throws ProviderException {
        boolean any = false;
        for (String line : text.split("\n", -1)) {
            Matcher job = JOB.matcher(line);
            if (job.matches()) {
                lines.merge(
                        job.group(1),
                        new Line(job.group(1), job.group(2), job.group(3), job.group(4), job.group(5), job.group(6)),
                        SlurmQueue::living);
            }
            any |= job.matches() || OTHER.matcher(line).matches();
        }
        if (!any && !text.isBlank()) {
            throw new ProviderException("squeue: can't read \"" + text.strip() + "\"", true);
        }
    }

    /** In a federation each cluster has a copy of a job; those that did not start it are revoked. */
    private static Line living(Line one, Line other) {
        return other.state.equals("REVOKED") ? one : other;
    }

    Map<String, BlockReport> reports() {
        Map<String, BlockReport> reports = new LinkedHashMap<>();
        lines.forEach((id, line) -> reports.put(id, report(line)));
        return reports;
    }

    private static BlockReport report(Line line) {
        BlockPhase phase = SlurmState.phase(line.state);
        long left = phase == BlockPhase.RUNNING ? seconds(line.left) : -1;
        return new BlockReport(phase, SlurmState.message(line.state, line.reason), left, NodeList.expand(line.nodes));
    }

    /** -1: none, or words such as UNLIMITED. */
    private static long seconds(String text) {
        Matcher left = LEFT.matcher(text);
        if (!left.matches()) {
            return -1;
        }
        long hours = 24 * number(left.group(1)) + number(left.group(2));
        return 3_600 * hours + 60 * number(left.group(3)) + number(left.group(4));
    }

    @SuppressWarnings("NullAway") // a group that is not there
    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** Ids by token: the comment is one, but some sites rewrite it; and the name of the directory ends with one. */
    Map<String, String> found() {
        Map<String, String> found = new LinkedHashMap<>();
        for (Line line : lines.values()) {
            found.putIfAbsent(line.rest.substring(0, Math.max(0, line.rest.indexOf('|'))), line.id);
        }
        for (Line line : lines.values()) {
            found.putIfAbsent(line.rest.substring(line.rest.lastIndexOf('-') + 1), line.id);
        }
        return found;
    }
}
