package interchange.provider;

import interchange.core.BlockReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The long listings, {@code bjobs -l} and {@code bhist -l}, of jobs that a poll did not show, or not well enough.
 *
 * <p>They are wrapped at 80 columns, in mid-word, with an indent of 21 blanks, and lose blanks at the break: so they are
 * joined again, and then read without any blanks.
 */
final class LsfHistory {
    private static final String INDENT = " ".repeat(21);
    private static final Pattern HEAD = Pattern.compile("Job<([0-9]+)>,.*");

    /** Within the head: the command stands behind it, and may hold anything. */
    private static final Pattern STATE = Pattern.compile("Job<[^>]*>,.*?,Status<([A-Z]+)>,Queue<.*");

    /** A line of what happened, less its date. */
    private static final Pattern EVENT =
            Pattern.compile("[A-Z][a-z]{2}[A-Z][a-z]{2}[0-9]+:[0-9]{2}:[0-9]{2}[^:]*:(.*)");

    private static final Pattern EXIT_CODE = Pattern.compile("Exitedwithexitcode([0-9]{1,6})\\..*");
    private static final Pattern EXIT_SIGNAL = Pattern.compile("Exitedbysignal([0-9]{1,3})\\..*");
    private static final Pattern TERMINATION = Pattern.compile(".*?(TERM_[A-Z_]+):([^;.]*).*");
    private static final Pattern NODE = Pattern.compile("<([^>]+)>");
    private static final int SIGNAL_BASE = 128;

    private final Map<String, Life> lives = new LinkedHashMap<>();

    /** What is known of one job; later lines win, as it may have run more than once. */
    private static final class Life {
        private String state = "";
        private String ended = "";
        private OptionalInt exitCode = OptionalInt.empty();
        private String reason = "";
        private final List<String> nodes = new ArrayList<>();

        /** Of one that is not over only its state says that it is still there; the log alone may be behind. */
        private Optional<LsfJob> told() {
            String word = state.isEmpty() ? ended : state;
            boolean over = word.equals("DONE") || word.equals("EXIT") || word.equals("ZOMBI");
            return word.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new LsfJob(word, exitCode, reason, nodes, over ? 0 : -1));
        }
    }

    private LsfHistory() {}

    /** By job id, those that are over or still there. */
    static Map<String, BlockReport> told(String text) {
        LsfHistory history = new LsfHistory();
        history.read(joined(text));
        Map<String, BlockReport> reports = new LinkedHashMap<>();
        history.lives.forEach((id, life) -> life.told().ifPresent(job -> reports.put(id, job.report())));
        return reports;
    }

    private static List<String> joined(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(INDENT) && !lines.isEmpty()) {
                lines.add(lines.removeLast() + line.substring(INDENT.length()));
            } else {
                lines.add(line);
            }
        }
        return lines;
    }

    private void read(List<String> lines) {
        Life life = new Life();
        for (String line : lines) {
            String dense = line.replaceAll("\\s", "");
            Matcher head = HEAD.matcher(dense);
            Matcher event = EVENT.matcher(dense);
            if (head.matches()) {
                life = lives.computeIfAbsent(head.group(1), id -> new Life());
                Matcher state = STATE.matcher(dense);
                life.state = state.matches() ? state.group(1) : life.state;
            } else if (event.matches()) {
                happened(life, event.group(1), line);
            }
        }
    }

    private static void happened(Life life, String dense, String line) {
        Matcher termination = TERMINATION.matcher(dense);
        if (termination.matches()) {
            life.reason = termination.group(1);
        }
        if (dense.startsWith("Startedon") || dense.startsWith("Dispatchedto")) {
            life.ended = "";
            life.exitCode = OptionalInt.empty();
            life.nodes.clear();
            NODE.matcher(dense.split("[,;]", 2)[0])
                    .results()
                    .map(found -> found.group(1))
                    .distinct()
                    .forEach(life.nodes::add);
        } else if (dense.startsWith("Signal<")) {
            life.reason =
                    "TERM_OWNER: " + line.substring(line.indexOf("Signal")).strip();
        } else if (dense.startsWith("Donesuccessfully")) {
            life.ended = "DONE";
        } else if (dense.startsWith("Terminationrequestissued")) {
            life.ended = "ZOMBI";
        } else if (dense.startsWith("Exited")) {
            exited(life, dense);
        }
    }

    private static void exited(Life life, String dense) {
        if (dense.contains("requeued")) {
            return;
        }
        life.ended = "EXIT";
        Matcher code = EXIT_CODE.matcher(dense);
        Matcher signal = EXIT_SIGNAL.matcher(dense);
        if (code.matches()) {
            life.exitCode = OptionalInt.of(Integer.parseInt(code.group(1)));
        } else if (signal.matches()) {
            life.exitCode = OptionalInt.of(SIGNAL_BASE + Integer.parseInt(signal.group(1)));
        }
        if (dense.contains("forcedtoexit")) {
            life.reason = "TERM_FORCE_OWNER: the job has been forced to exit";
        }
    }
}
