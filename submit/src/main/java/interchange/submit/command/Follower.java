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
                    showUpTo(known, tail, shown, latest);
                    tail = outputs.last(known);
                    shown = latest;
                }
                attempt(known).ifPresent(tail::learn);
                boolean over = LogsCommand.ended(known);
                // Before it is copied: it may come in between.
                boolean whole = tail.isWhole();
                boolean grew = LogsCommand.started(known) && tail.copyTo(console.out(), over);
                console.out().flush();
                if (over && untilNanos.isEmpty()) {
                    untilNanos = Optional.of(System.nanoTime() + unseenNanos(known));
                }
                if (over && !grew && (whole || System.nanoTime() >= untilNanos.orElseThrow())) {
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

    /** Another attempt has begun; there may have been more between the one that was shown and the latest. */
    private void showUpTo(JobResponse known, Tail before, OptionalInt shown, OptionalInt latest)
            throws CommandException, IOException {
        before.close();
        if (shown.isEmpty() || latest.isEmpty()) {
            return;
        }
        for (JobRow attempt : known.getAttemptsList()) {
            int number = attempt.getAttempts();
            boolean isShown = number == shown.getAsInt();
            if (attempt.getStartedEpochMillis() == 0 || number < shown.getAsInt() || number >= latest.getAsInt()) {
                continue;
            }
            if (!isShown) {
                noteBegin(number);
            }
            // Where it is found by now: the next one has put it aside.
            try (Tail whole = outputs.of(known, number)) {
                whole.goOnFrom(isShown ? before.copied() : 0);
                whole.copyTo(console.out(), true);
            }
        }
        noteBegin(latest.getAsInt());
    }

    private void noteBegin(int number) {
        console.out().flush();
        console.note("attempt " + number + " has begun");
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
