package interchange.workflow;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The lines of a file, one after another, none longer than a limit. */
final class LineSource implements AutoCloseable {
    /** The header may hold long site sections and a job a long command; nothing that is meant is longer. */
    static final int LINE_BYTES_MAX = 32 << 20;

    private static final int PIECE = 1 << 16;

    private final InputStream in;
    private byte[] buffer = new byte[PIECE];
    private int start;
    private int end;
    private boolean atEnd;
    private long number;

    LineSource(Path file) throws IOException {
        in = Files.newInputStream(file);
    }

    /** The number of the line that was read last, from 1. */
    long number() {
        return number;
    }

    /** The next line without its end; empty when there is none. Bytes that are not UTF-8 become U+FFFD. */
    Optional<String> next() throws IOException {
        int searched = 0;
        while (true) {
            for (int at = start + searched; at < end; at++) {
                if (buffer[at] == '\n') {
                    String line = text(at);
                    start = at + 1;
                    return Optional.of(line);
                }
            }
            searched = end - start;
            if (atEnd) {
                Optional<String> last = searched == 0 ? Optional.empty() : Optional.of(text(end));
                start = end;
                return last;
            }
            fill();
        }
    }

    private String text(int until) {
        number++;
        return new String(buffer, start, until - start, StandardCharsets.UTF_8);
    }

    private void fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            if (buffer.length >= LINE_BYTES_MAX) {
                throw new LineTooLongException(number + 1);
            }
            buffer = Arrays.copyOf(buffer, Math.min(LINE_BYTES_MAX, buffer.length * 2));
        }
        int read = in.read(buffer, end, buffer.length - end);
        atEnd = read < 0;
        end += Math.max(0, read);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** A line beyond the limit; what follows it is not read. */
    static final class LineTooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        LineTooLongException(long line) {
            super("line " + line + " is longer than " + LINE_BYTES_MAX + " bytes");
        }
    }
}
