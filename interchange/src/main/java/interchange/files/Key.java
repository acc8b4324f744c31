package interchange.files;

import interchange.core.AttemptId;
import interchange.proto.files.FileName;
import interchange.proto.worker.AttemptName;
import java.util.Optional;

/**
 * Names one file of one attempt.
 *
 * @param number as the journal numbers the job's files; negative: a log
 */
record Key(AttemptId attempt, int number) {
    static final int STDOUT = -1;
    static final int STDERR = -2;

    /** Empty: it can't be meant. */
    static Optional<Key> of(FileName name) {
        AttemptName attempt = name.getAttempt();
        if (attempt.getRun() < 0 || attempt.getJob() < 0 || attempt.getNumber() < 0) {
            return Optional.empty();
        }
        AttemptId id = new AttemptId(attempt.getRun(), attempt.getJob(), attempt.getNumber());
        return switch (name.getWhichCase()) {
            case NUMBER -> name.getNumber() < 0 ? Optional.empty() : Optional.of(new Key(id, name.getNumber()));
            case LOG ->
                switch (name.getLog()) {
                    case STDOUT -> Optional.of(new Key(id, STDOUT));
                    case STDERR -> Optional.of(new Key(id, STDERR));
                    case LOG_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
                };
            case WHICH_NOT_SET -> Optional.empty();
        };
    }

    boolean isLog() {
        return number < 0;
    }

    /** For names of files: no two keys have the same. */
    String text() {
        String file = switch (number) {
            case STDOUT -> "out";
            case STDERR -> "err";
            default -> Integer.toString(number);
        };
        return attempt.run() + "-" + attempt.job() + "-" + attempt.number() + "-" + file;
    }

    /** What {@link #text} wrote; empty: something else. */
    static Optional<Key> parse(String text) {
        String[] parts = text.split("-", -1);
        if (parts.length != 4) {
            return Optional.empty();
        }
        try {
            AttemptId id =
                    new AttemptId(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
            return Optional.of(new Key(
                    id,
                    switch (parts[3]) {
                        case "out" -> STDOUT;
                        case "err" -> STDERR;
                        default -> Integer.parseInt(parts[3]);
                    }));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
