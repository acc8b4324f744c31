package interchange.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds what an attempt printed in a pack, which may be growing, or end in the middle of a record. Believes nothing that a
 * checksum doesn't say, and holds one record at a time.
 */
public final class PackReader implements AutoCloseable {
    /** Of one attempt: more pieces than one a second in 46 days. */
    static final int PIECES_MAX = 4_000_000;

    private final Path file;
    private final Records records;

    private PackReader(Path file, Records records) {
        this.file = file;
        this.records = records;
    }

    /** Opens it. */
    public static PackReader open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return new PackReader(file, new Records(file, channel));
    }

    /**
     * What was found of an attempt.
     *
     * @param ended whether no more of it will come
     * @param pieces positions of its texts in the file, ascending
     */
    public record Found(boolean ended, List<Long> pieces) {
        public Found {
            pieces = List.copyOf(pieces);
        }
    }

    /** Empty: it has neither printed nor ended, as far as this file tells. */
    public Optional<Found> find(int job, int number) throws IOException {
        return find(job, number, Header.NONE);
    }

    /** @param after only pieces behind this position */
    public Optional<Found> find(int job, int number, long after) throws IOException {
        records.forget();
        Optional<Header> last = records.last();
        if (last.isEmpty()) {
            return Optional.empty();
        }
        Optional<Header> found = ended(last.get(), job, number, after);
        if (found.isEmpty()) {
            found = open(last.get(), job, number);
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Found(found.get().kind() == Header.Kind.END, List.copyOf(pieces(found.get(), job, number, after))));
    }

    /** From landmark to landmark, each of which tells of what lies before the next. */
    private Optional<Header> ended(Header last, int job, int number, long after) throws IOException {
        long at = last.nearestLandmark();
        // An end comes after all texts of its attempt, and what tells of it after the end.
        while (at != Header.NONE && at > after) {
            Header here = records.at(at);
            if (here.kind() == Header.Kind.END && here.isOf(job, number)) {
                return Optional.of(here);
            }
            if (here.kind() == Header.Kind.INDEX) {
                OptionalLong position = Index.find(records.content(here), job, number);
                if (position.isPresent()) {
                    return Optional.of(own(position.getAsLong(), here, job, number));
                }
            }
            at = here.landmark();
        }
        return Optional.empty();
    }

    /** From record to record, back to the last list of those that go on. */
    private Optional<Header> open(Header last, int job, int number) throws IOException {
        for (Optional<Header> here = Optional.of(last); here.isPresent(); here = records.before(here.get())) {
            Header record = here.get();
            if (record.kind() == Header.Kind.TEXT && record.isOf(job, number)) {
                return here;
            }
            if (record.kind() == Header.Kind.OPEN) {
                OptionalLong position = Index.find(records.content(record), job, number);
                return position.isPresent()
                        ? Optional.of(own(position.getAsLong(), record, job, number))
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Header own(long position, Header from, int job, int number) throws IOException {
        if (position < 0 || position >= from.position()) {
            throw new PackException(file, from.position(), "it leads to byte " + position);
        }
        Header found = records.at(position);
        if (!found.isOf(job, number)) {
            throw new PackException(file, position, "it is not of the attempt that byte " + from.position() + " says");
        }
        return found;
    }

    private Collection<Long> pieces(Header end, int job, int number, long after) throws IOException {
        Deque<Long> pieces = new ArrayDeque<>();
        Header here = end;
        while (here.position() > after) {
            if (here.kind() == Header.Kind.TEXT) {
                pieces.addFirst(here.position());
            }
            if (pieces.size() > PIECES_MAX) {
                throw new PackException(file, here.position(), "an attempt has more than " + PIECES_MAX + " pieces");
            }
            if (here.before() == Header.NONE) {
                break;
            }
            here = own(here.before(), here, job, number);
        }
        return pieces;
    }

    /** How far the output is known with the piece at that position; empty: no piece of that attempt is there. */
    public OptionalLong endOf(long position, int job, int number) throws IOException {
        try {
            Header piece = records.at(position);
            return piece.kind() == Header.Kind.TEXT && piece.isOf(job, number)
                    ? OptionalLong.of(piece.offset() + piece.length())
                    : OptionalLong.empty();
        } catch (PackException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Copies what comes after {@code offset} of one of the two outputs.
     *
     * @return how much of that output is known now, by these pieces
     */
    public long copy(Found found, Printed printed, long offset, OutputStream out) throws IOException {
        long at = offset;
        for (long position : found.pieces()) {
            Header piece = records.at(position);
            long end = piece.offset() + piece.length();
            if (piece.printed() != printed || end <= at) {
                continue;
            }
            if (piece.offset() > at) {
                throw new PackException(
                        file, position, "bytes " + at + " to " + piece.offset() + " of the output are missing");
            }
            ByteBuffer bytes = records.content(piece);
            int skipped = (int) (at - piece.offset());
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position() + skipped, bytes.remaining() - skipped);
            at = end;
        }
        return at;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
