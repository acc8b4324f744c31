package interchange.submit.command;

import interchange.proto.control.JobRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What an attempt prints and its worker sends: it gathers in a file beside its place, and gets there when it is complete.
 * Until then, and for ever if it is lost on its way, that of an attempt before may be there.
 */
final class StreamTail extends Tail {
    private static final String SUCCEEDED = "SUCCEEDED";
    private static final String FAILED = "FAILED";

    /** By so much a file's time may be before that of the clock. */
    private static final long COARSE_MILLIS = 20;

    private final Path part;
    private final Path place;
    private JobRow attempt;

    /** @param attempt as far as it is known */
    StreamTail(Path part, Path place, JobRow attempt) {
        this.part = part;
        this.place = place;
        this.attempt = attempt;
    }

    @Override
    void learn(JobRow now) {
        attempt = now;
    }

    @Override
    boolean exists() throws IOException {
        return Files.exists(part) || (isOver() && isInPlace());
    }

    private boolean isOver() {
        return !attempt.getCause().isEmpty();
    }

    /** The log has kept the time of its node, by whose clock the attempt has started. */
    private boolean isInPlace() throws IOException {
        try {
            long modified = Files.getLastModifiedTime(place).toMillis();
            long started = attempt.getStartedEpochMillis();
            return isBrought() || (started > 0 && modified >= started - COARSE_MILLIS);
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Else the cause goes on with what was wrong. */
    private boolean isBrought() {
        return attempt.getCause().equals(SUCCEEDED) || attempt.getCause().equals(FAILED);
    }

    @Override
    boolean isWhole() throws IOException {
        return isInPlace();
    }

    @Override
    boolean copyTo(OutputStream out, boolean ended) throws IOException {
        return copy(part, out) || ((ended || isOver()) && isInPlace() && copy(place, out));
    }

    private boolean copy(Path from, OutputStream out) throws IOException {
        try (InputStream in = Files.newInputStream(from)) {
            in.skipNBytes(Math.min(copied, Files.size(from)));
            long length = in.transferTo(out);
            copied += length;
            return length > 0;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void close() {
        // Nothing is open between two looks.
    }
}
