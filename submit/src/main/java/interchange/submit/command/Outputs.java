package interchange.submit.command;

import interchange.pack.Printed;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Finds what an attempt of a job printed: in its file, in a pack, or where it gathers on its way. */
final class Outputs {
    private static final String RETRACTED = "RETRACTED";

    /** The ends that workers tell when they have brought what was printed. */
    private static final List<String> BROUGHT = List.of("SUCCEEDED", "FAILED", "WALLTIME", "OUT_OF_MEMORY");

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

    /** Of the last attempt, whose output is in the file that the job names, if it is in a file. */
    Tail last(JobResponse answer) {
        OptionalInt number = latest(answer);
        return number.isEmpty() ? new FileTail(file(answer)) : of(answer, number.getAsInt(), file(answer));
    }

    /** Of a certain one. */
    Tail of(JobResponse answer, int number) throws CommandException {
        Optional<JobRow> row = row(answer, number);
        if (row.isEmpty()) {
            throw new CommandException(
                    Kind.NOT_FOUND,
                    "job '" + answer.getJob().getName() + "' has no attempt " + number + ": it has had "
                            + answer.getAttemptsCount() + ", counted from 0");
        }
        if (row.get().getStartedEpochMillis() == 0 && !row.get().getCause().isEmpty()) {
            throw new CommandException(
                    Kind.CONFLICT,
                    "attempt " + number + " of job '" + answer.getJob().getName()
                            + "' is not known to have started, so that there is nothing that it printed: "
                            + row.get().getCause());
        }
        return of(answer, number, place(answer, number));
    }

    /** Empty: nothing is known of such an attempt. */
    static Optional<JobRow> row(JobResponse answer, int number) {
        return answer.getAttemptsList().stream()
                .filter(attempt -> attempt.getAttempts() == number)
                .findFirst();
    }

    /**
     * Where the file of an attempt is by now. The next that writes into the files of the job has put it aside: under the
     * number of this one, or of one between them that never started or prints elsewhere.
     */
    private Path place(JobResponse answer, int number) {
        Path file = file(answer);
        OptionalInt next = nextInFiles(answer, number);
        int end = next.orElse(number + answer.getAttemptsCount());
        for (int kept = number; kept < end; kept++) {
            if (Files.exists(aside(file, kept))) {
                return aside(file, kept);
            }
        }
        return next.isPresent() ? aside(file, number) : file;
    }

    private static Path aside(Path file, int number) {
        return Path.of(file + "." + number);
    }

    private static OptionalInt nextInFiles(JobResponse answer, int number) {
        for (int i = 0; i < answer.getAttemptsCount(); i++) {
            JobRow attempt = answer.getAttempts(i);
            boolean later = attempt.getAttempts() > number && attempt.getStartedEpochMillis() > 0;
            if (later && (i >= answer.getPrintedCount() || hasWritten(answer.getPrinted(i), attempt))) {
                return OptionalInt.of(attempt.getAttempts());
            }
        }
        return OptionalInt.empty();
    }

    /** What is sent takes its place at the end, and that of a worker that was lost never does. */
    private static boolean hasWritten(interchange.proto.control.Printed places, JobRow attempt) {
        boolean isSent = !places.getStdoutPart().isEmpty();
        return isSent
                ? BROUGHT.stream().anyMatch(attempt.getCause()::startsWith)
                : places.getPack().isEmpty();
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
        return part.isEmpty() ? new FileTail(file) : new StreamTail(Path.of(part), file, attempt);
    }

    private Path file(JobResponse answer) {
        return Path.of(which == Printed.STDERR ? answer.getStderr() : answer.getStdout());
    }
}
