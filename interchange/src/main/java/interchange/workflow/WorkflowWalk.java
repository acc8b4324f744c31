package interchange.workflow;

import interchange.proto.workflow.Header;
import interchange.workflow.LineParser.BadLineException;
import interchange.workflow.LineParser.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Goes over a workflow file from header to trailer, and shows every job to a visitor. */
final class WorkflowWalk {
    /** Indices are ints, and names of all jobs are in memory; far more than any survey has in one run. */
    static final int JOBS_MAX = 5_000_000;

    /** Sees a job; the object is used again for the next. */
    interface Visitor {
        void onJob(long line, JobLine job) throws WorkflowException;
    }

    private final Path file;
    private final Problems problems;
    private final JobLine job = new JobLine();
    private final LineParser parser = new LineParser(job);
    private long jobs;
    private boolean badLines;
    private boolean trailerSeen;

    private WorkflowWalk(Path file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** What is wrong with the file as such is added to the problems; what makes going on senseless is thrown. */
    static void over(Path file, Problems problems, Visitor visitor) throws WorkflowException {
        new WorkflowWalk(file, problems).walk(visitor);
    }

    private void walk(Visitor visitor) throws WorkflowException {
        try (LineSource lines = WorkflowFile.open(file, problems)) {
            Header header = WorkflowFile.readHeader(lines, problems);
            assert header.getFormat() > 0;
            Optional<String> line = lines.next();
            while (line.isPresent()) {
                if (!line.get().isBlank()) {
                    onLine(lines.number(), line.get(), visitor);
                }
                line = lines.next();
            }
            checkWhole();
        } catch (IOException e) {
            problems.add(0, "can't be read: " + e.getMessage());
            throw problems.exception();
        }
    }

    private void onLine(long number, String line, Visitor visitor) throws WorkflowException {
        if (trailerSeen) {
            problems.add(number, "comes after the trailer, which must be last");
            throw problems.exception();
        }
        Kind kind;
        try {
            kind = parser.parse(line);
        } catch (BadLineException e) {
            badLines = true;
            problems.add(number, String.valueOf(e.getMessage()));
            return;
        }
        switch (kind) {
            case HEADER -> problems.add(number, "is a second header");
            case TRAILER -> trailerSeen = true;
            case JOB -> onJob(number, visitor);
        }
    }

    private void onJob(long number, Visitor visitor) throws WorkflowException {
        jobs++;
        if (jobs > JOBS_MAX) {
            problems.add(number, "a run has at most " + JOBS_MAX + " jobs; split the workflow");
            throw problems.exception();
        }
        visitor.onJob(number, job);
    }

    private void checkWhole() {
        if (!trailerSeen) {
            problems.add(0, "is cut off: there is no trailer after its " + jobs + " jobs; write it again");
        } else if (parser.trailerJobs() != jobs && !badLines) {
            problems.add(
                    0,
                    "is cut off: its trailer says " + parser.trailerJobs() + " jobs, but there are " + jobs
                            + "; write it again");
        } else if (jobs == 0 && !badLines) {
            problems.add(0, "has no jobs");
        }
    }
}
