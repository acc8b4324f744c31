package interchange.submit.command;

import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.output.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Shows what a job prints as it prints it, through later attempts, until it has ended. */
final class Follower {
    private static final Duration FILE_PERIOD = Duration.ofMillis(200);

    /** How many looks at the file there are to one at the job. */
    private static final int LOOKS_PER_QUESTION = 5;

    /**
     * So long after the end of a job what it has printed may be unseen: the daemon tells the end at once, and NFS may
     * remember for a minute that a file was not there, or shorter.
     */
    private static final Duration UNSEEN_MAX = Duration.ofMinutes(1);

    private final Console console;
    private final Outputs outputs;
    private final Question question;

    /** Asks the daemon for the job. */
    interface Question {
        JobResponse ask() throws CommandException;
    }

    Follower(Console console, Outputs outputs, Question question) {
        this.console = console;
        this.outputs = outputs;
        this.question = question;
    }

    void follow(JobResponse first) throws CommandException, IOException, InterruptedException {
        JobResponse known = first;
        OptionalInt shown = Outputs.latest(known);
        Tail tail = outputs.last(known);
        Optional<Long> untilNanos = Optional.empty();
        try {
            for (long look = 1; true; look++) {
                OptionalInt latest = Outputs.latest(known);
                if (!latest.equals(shown)) {
                    tail = next(tail, outputs.last(known), shown, latest);
                    shown = latest;
                }
                attempt(known).ifPresent(tail::learn);
                boolean over = LogsCommand.ended(known);
                boolean grew = LogsCommand.started(known) && tail.copyTo(console.out(), over);
                console.out().flush();
                if (over && untilNanos.isEmpty()) {
                    untilNanos = Optional.of(System.nanoTime() + unseenNanos(known));
                }
                if (over && !grew && (tail.isWhole() || System.nanoTime() >= untilNanos.orElseThrow())) {
                    return;
                }
                Thread.sleep(over && grew ? 0 : FILE_PERIOD.toMillis());
                if (!over && look % LOOKS_PER_QUESTION == 0) {
                    known = askAgain(known);
                }
            }
        } finally {
            tail.close();
        }
    }

    private static Optional<JobRow> attempt(JobResponse answer) {
        OptionalInt latest = Outputs.latest(answer);
        return latest.isPresent() ? Outputs.row(answer, latest.getAsInt()) : Optional.empty();
    }

    /** For how long yet what is not there may only not be seen; not that of one that never started. */
    private static long unseenNanos(JobResponse answer) {
        Optional<JobRow> attempt = attempt(answer).filter(row -> row.getStartedEpochMillis() > 0);
        if (attempt.isEmpty()) {
            return 0;
        }
        Duration since = Duration.ofMillis(
                Math.max(0, System.currentTimeMillis() - attempt.get().getEndedEpochMillis()));
        return Math.max(0, UNSEEN_MAX.minus(since).toNanos());
    }

    private Tail next(Tail before, Tail next, OptionalInt shown, OptionalInt latest) throws IOException {
        // The file of the one is kept, and the next one's takes its place: who follows it sees both.
        boolean same = before instanceof FileTail && next instanceof FileTail;
        if (!same) {
            before.copyTo(console.out(), true);
            before.close();
        }
        if (shown.isPresent() && latest.isPresent()) {
            console.out().flush();
            console.note("attempt " + latest.getAsInt() + " has begun");
        }
        return same ? before : next;
    }

    /** The file can be followed without the daemon, which is being started anew, or not. */
    private JobResponse askAgain(JobResponse before) throws CommandException {
        try {
            return question.ask();
        } catch (CommandException e) {
            if (e.kind() == Kind.NO_DAEMON || e.kind() == Kind.UNAVAILABLE) {
                return before;
            }
            throw e;
        }
    }
}
