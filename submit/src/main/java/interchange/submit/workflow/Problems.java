package interchange.submit.workflow;

import interchange.submit.CommandException;
import interchange.submit.Kind;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a file, gathered so that the user mends it once; each with file and line. */
final class Problems {
    /** More of them have one cause, and hide it. */
    static final int PROBLEMS_MAX = 50;

    private final String file;
    private final List<String> found = new ArrayList<>();

    /** Ends the reading of a file that can't be read further. */
    static final class StopReading extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StopReading() {
            super(null, null, false, false);
        }
    }

    Problems(String file) {
        this.file = file;
    }

    /**
     * Notes a problem.
     *
     * @param line counted from 1
     * @throws StopReading when there have been enough
     */
    void add(int line, String text) {
        found.add(file + ":" + line + ": " + text);
        if (found.size() >= PROBLEMS_MAX) {
            found.add(file + ": only the first " + PROBLEMS_MAX + " problems are shown");
            throw new StopReading();
        }
    }

    /** Notes a problem after which nothing can be understood. */
    StopReading fatal(int line, String text) {
        found.add(file + ":" + line + ": " + text);
        return new StopReading();
    }

    void throwIfAny() throws CommandException {
        if (!found.isEmpty()) {
            throw new CommandException(Kind.USER, found);
        }
    }
}
