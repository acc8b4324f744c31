package interchange.submit.command;

import interchange.pack.Printed;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/** Finds what an attempt of a job printed: in its file, in a pack, or where it gathers on its way. */
final class Outputs {
    private static final String RETRACTED = "RETRACTED";

    private final Printed which;

    Outputs(Printed which) {
        this.which = which;
    }

    /** Of the attempt that has started last; empty: none is known to. */
    static OptionalInt latest(JobResponse answer) {
        OptionalInt latest = OptionalInt.empty();
        for (JobRow attempt : answer.getAttemptsList()) {
            boolean counts = attempt.getStartedEpochMillis() > 0 || latest.isEmpty();
            if (counts && !attempt.getCause().startsWith(RETRACTED)) {
                latest = OptionalInt.of(attempt.getAttempts());
            }
        }
        return latest;
    }

    /** Of the last attempt, whose output is in the file that the job names. */
    Tail last(JobResponse answer) {
        OptionalInt number = latest(answer);
        return number.isEmpty() ? new FileTail(file(answer)) : of(answer, number.getAsInt(), file(answer));
    }

    /** Of a certain one. */
    Tail of(JobResponse answer, int number) throws CommandException {
        Path kept = Path.of(file(answer) + "." + number);
        boolean isLast = latest(answer).stream().allMatch(latest -> latest == number);
        if (answer.getAttemptsList().stream().noneMatch(attempt -> attempt.getAttempts() == number)) {
            throw new CommandException(
                    Kind.NOT_FOUND,
                    "job '" + answer.getJob().getName() + "' has no attempt " + number + ": it has had "
                            + answer.getAttemptsCount() + ", counted from 0");
        }
        return of(answer, number, Files.exists(kept) || !isLast ? kept : file(answer));
    }

    private Tail of(JobResponse answer, int number, Path file) {
        for (int i = 0; i < answer.getAttemptsCount() && i < answer.getPrintedCount(); i++) {
            JobRow attempt = answer.getAttempts(i);
            if (attempt.getAttempts() == number) {
                return of(answer.getPrinted(i), attempt, file);
            }
        }
        return new FileTail(file);
    }

    private Tail of(interchange.proto.control.Printed places, JobRow attempt, Path file) {
        if (!places.getPack().isEmpty()) {
            return new PackTail(Path.of(places.getPack()), attempt.getIndex(), attempt.getAttempts(), which);
        }
        String part = which == Printed.STDERR ? places.getStderrPart() : places.getStdoutPart();
        return part.isEmpty() ? new FileTail(file) : new StreamTail(Path.of(part), file);
    }

    private Path file(JobResponse answer) {
        return Path.of(which == Printed.STDERR ? answer.getStderr() : answer.getStdout());
    }
}
