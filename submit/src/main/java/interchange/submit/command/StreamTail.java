package interchange.submit.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What an attempt prints and its worker sends: it gathers in a file beside its place, and gets there when it is complete.
 * Until then another attempt's may be there.
 */
final class StreamTail implements Tail {
    private final Path part;
    private final Path place;
    private long copied;

    StreamTail(Path part, Path place) {
        this.part = part;
        this.place = place;
    }

    @Override
    public boolean exists() {
        return Files.exists(part) || Files.exists(place);
    }

    @Override
    public boolean copyTo(OutputStream out, boolean ended) throws IOException {
        return copy(part, out) || (ended && copy(place, out));
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
