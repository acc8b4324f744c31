package interchange.submit.command;

import interchange.pack.PackReader;
import interchange.pack.Printed;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** What an attempt prints into the pack of its worker. Opened for each look: so network file systems show what is new. */
final class PackTail extends Tail {
    private static final long NOWHERE = -1;

    private final Path pack;
    private final int job;
    private final int number;
    private final Printed printed;
    private long lastPiece = NOWHERE;
    private OptionalLong lastEnd = OptionalLong.empty();
    private boolean whole;

    PackTail(Path pack, int job, int number, Printed printed) {
        this.pack = pack;
        this.job = job;
        this.number = number;
        this.printed = printed;
    }

    @Override
    boolean exists() throws IOException {
        try (PackReader reader = PackReader.open(pack)) {
            return reader.find(job, number).isPresent();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    boolean copyTo(OutputStream out, boolean ended) throws IOException {
        try (PackReader reader = PackReader.open(pack)) {
            // Where a pack was removed its worker writes another, with all that it still has of the attempt.
            if (lastPiece != NOWHERE && !reader.endOf(lastPiece, job, number).equals(lastEnd)) {
                lastPiece = NOWHERE;
            }
            Optional<PackReader.Found> found = reader.find(job, number, lastPiece);
            if (found.isEmpty()) {
                return false;
            }
            whole = found.get().ended();
            long before = copied;
            copied = reader.copy(found.get(), printed, copied, out);
            if (!found.get().pieces().isEmpty()) {
                lastPiece = found.get().pieces().getLast();
                lastEnd = reader.endOf(lastPiece, job, number);
            }
            return copied > before;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    boolean isWhole() {
        return whole;
    }

    @Override
    public void close() {
        // Nothing is open between two looks.
    }
}
