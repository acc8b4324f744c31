package interchange.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/** The records of a file, by their positions and backwards. A few heads lie close together mostly, and are read as one. */
final class Records implements AutoCloseable {
    private static final int WINDOW_BYTES = 32 * 1024;

    /** A torn end may look like thousands of trailers, if somebody meant it to. */
    private static final int SUSPECTS_MAX = 10_000;

    private final Path file;
    private final FileChannel channel;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long windowAt;

    Records(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** What was read counts no more: the file may have grown where it was torn. */
    void forget() {
        window = ByteBuffer.allocate(0);
    }

    PackException damaged(long position, String what) {
        return new PackException(file, position, what);
    }

    /** Whether a record is where the first must be. */
    boolean begins() throws IOException {
        return Header.read(bytes(0, Header.BYTES), 0).isPresent();
    }

    Header at(long position) throws IOException {
        return Header.read(bytes(position, Header.BYTES), position)
                .orElseThrow(() -> damaged(position, "no record begins there"));
    }

    /** What follows a head; it is whole. */
    ByteBuffer content(Header header) throws IOException {
        long at = header.position() + Header.BYTES;
        ByteBuffer bytes = header.length() <= WINDOW_BYTES ? bytes(at, header.length()) : read(at, header.length());
        if (bytes.remaining() != header.length() || Header.crc(bytes.duplicate()) != header.crc()) {
            throw damaged(header.position(), "the checksum of a record is wrong");
        }
        return bytes;
    }

    /** The last that is whole; what comes after it is being written, or never was. */
    Optional<Header> last() throws IOException {
        long size = channel.size();
        Optional<Header> atEnd = endingAt(size);
        return atEnd.isPresent() ? atEnd : lastBefore(size);
    }

    /** Empty: that is the first. */
    Optional<Header> before(Header header) throws IOException {
        if (header.position() == 0) {
            return Optional.empty();
        }
        return Optional.of(
                endingAt(header.position()).orElseThrow(() -> damaged(header.position(), "no record ends there")));
    }

    private Optional<Header> endingAt(long end) throws IOException {
        long at = end - Header.TRAILER_BYTES;
        ByteBuffer trailer = bytes(at, Header.TRAILER_BYTES);
        return trailer.remaining() < Header.TRAILER_BYTES
                ? Optional.empty()
                : endingAt(trailer, trailer.position(), at);
    }

    /** @param at the position in the file of the trailer at {@code index} of these bytes */
    private Optional<Header> endingAt(ByteBuffer bytes, int index, long at) throws IOException {
        int total = bytes.getInt(index);
        long begin = at + Header.TRAILER_BYTES - total;
        boolean possible = bytes.getInt(index + Integer.BYTES) == Header.TRAILER_MAGIC
                && total >= Header.BYTES + Header.TRAILER_BYTES
                && begin >= 0;
        return possible
                ? Header.read(bytes(begin, Header.BYTES), begin).filter(header -> header.total() == total)
                : Optional.empty();
    }

    /** Looks for a trailer from the end on, piece by piece. */
    private Optional<Header> lastBefore(long size) throws IOException {
        int suspects = 0;
        for (long end = size; end >= Header.TRAILER_BYTES; end -= WINDOW_BYTES) {
            long begin = Math.max(0, end - WINDOW_BYTES);
            // One that lies across the border is whole in the piece before: it gets the bytes behind it too.
            ByteBuffer piece = read(begin, (int) (Math.min(size, end + Header.TRAILER_BYTES - 1) - begin));
            for (int i = piece.remaining() - Header.TRAILER_BYTES; i >= 0; i--) {
                if (piece.getInt(i + Integer.BYTES) != Header.TRAILER_MAGIC) {
                    continue;
                }
                Optional<Header> found = endingAt(piece, i, begin + i);
                if (found.isPresent()) {
                    return found;
                }
                if (++suspects > SUSPECTS_MAX) {
                    throw damaged(begin + i, "no record could be found before its torn end");
                }
            }
        }
        return Optional.empty();
    }

    /** From the window, which is moved so that what lies before comes with it: most reading goes backwards. */
    private ByteBuffer bytes(long position, int length) throws IOException {
        if (position < 0) {
            return ByteBuffer.allocate(0);
        }
        if (position < windowAt || position + length > windowAt + window.limit()) {
            windowAt = Math.max(0, position + length - WINDOW_BYTES);
            window = read(windowAt, (int) (position + length - windowAt));
        }
        int from = (int) (position - windowAt);
        return from > window.limit()
                ? ByteBuffer.allocate(0)
                : window.slice(from, Math.min(length, window.limit() - from));
    }

    /** Less at the end of the file. */
    private ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer to = ByteBuffer.allocate(length);
        while (to.hasRemaining()) {
            if (channel.read(to, position + to.position()) < 0) {
                break;
            }
        }
        return to.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
