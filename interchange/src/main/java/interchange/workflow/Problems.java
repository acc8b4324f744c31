package interchange.workflow;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a workflow file, as it is found; a few are shown, the rest is counted. */
final class Problems {
    /** More would not be read. */
    static final int SHOWN_MAX = 50;

    private final Path file;
    private final List<String> shown = new ArrayList<>();
    private long more;

    Problems(Path file) {
        this.file = file;
    }

    /** @param line from 1; 0: the file as a whole */
    void add(long line, String problem) {
        if (shown.size() < SHOWN_MAX) {
            shown.add(file + (line > 0 ? ":" + line : "") + ": " + problem);
        } else {
            more++;
        }
    }

    void addToJob(long line, String job, String problem) {
        add(line, "job '" + job + "': " + problem);
    }

    boolean any() {
        return !shown.isEmpty();
    }

    WorkflowException exception() {
        List<String> all = new ArrayList<>(shown);
        if (more > 0) {
            all.add("and " + more + " more " + (more == 1 ? "problem" : "problems"));
        }
        return new WorkflowException(all);
    }

    void throwIfAny() throws WorkflowException {
        if (any()) {
            throw exception();
        }
    }
}
