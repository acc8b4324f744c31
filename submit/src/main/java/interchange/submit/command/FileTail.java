package interchange.submit.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file that may grow, that may not be there yet, and whose place another may take: the next attempt's, which is told of
 * by whoever knows that it has begun.
 */
final class FileTail extends Tail {
    private final Path file;
    private @Nullable InputStream open;
    private @Nullable Object key;

    FileTail(Path file) {
        this.file = file;
    }

    @Override
    boolean exists() {
        return Files.exists(file);
    }

    @Override
    boolean copyTo(OutputStream out, boolean ended) throws IOException {
        // NFS shows all that its writer has closed to who opens it then, and what it remembers to who has it open.
        return copyOn(out) || (ended && open != null && isStillThere() && reopen() && copyOn(out));
    }

    private boolean copyOn(OutputStream out) throws IOException {
        if (open == null) {
            reopen();
        }
        long length = open == null ? 0 : open.transferTo(out);
        copied += length;
        return length > 0;
    }

    @Override
    boolean isWhole() {
        return open != null;
    }

    private boolean reopen() throws IOException {
        close();
        try {
            open = Files.newInputStream(file);
            copied = Math.min(copied, Files.size(file));
            open.skipNBytes(copied);
            key = currentKey();
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private boolean isStillThere() throws IOException {
        return Objects.equals(currentKey(), key);
    }

    private @Nullable Object currentKey() throws IOException {
        try {
            return Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            if (open != null) {
                open.close();
                open = null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
