package interchange.submit.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file that may grow, that may not be there yet, and whose place another may take (a job's next attempt). */
final class FileTail implements Tail {
    private final Path file;
    private @Nullable InputStream open;
    private @Nullable Object key;

    FileTail(Path file) {
        this.file = file;
    }

    @Override
    public boolean exists() {
        return Files.exists(file);
    }

    @Override
    public boolean copyTo(OutputStream out, boolean ended) throws IOException {
        return copyTo(out);
    }

    private boolean copyTo(OutputStream out) throws IOException {
        if (open == null && !reopen()) {
            return false;
        }
        boolean grew = open != null && open.transferTo(out) > 0;
        // First to the end of the old file, then to the one that replaced it.
        return grew || (isReplaced() && reopen() && copyTo(out));
    }

    private boolean reopen() throws IOException {
        close();
        try {
            open = Files.newInputStream(file);
            key = currentKey();
            return true;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private boolean isReplaced() throws IOException {
        Object now = currentKey();
        return now != null && !now.equals(key);
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
