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

/** A file that may grow, that may not be there yet, and whose place another may take (a job's next attempt). */
final class FileTail implements Tail {
    private final Path file;
    private @Nullable InputStream open;
    private @Nullable Object key;
    /** Of the one that is open. */
    private long copied;

    FileTail(Path file) {
        this.file = file;
    }

    @Override
    public boolean exists() {
        return Files.exists(file);
    }

    @Override
    public boolean copyTo(OutputStream out, boolean ended) throws IOException {
        // NFS shows all that its writer has closed to who opens it then, and what it remembers to who has it open.
        return copyTo(out) || (ended && reopenHere() && copyOn(out));
    }

    private boolean copyTo(OutputStream out) throws IOException {
        if (open == null && !reopen()) {
            return false;
        }
        // First to the end of the old file, then to the one that replaced it.
        return copyOn(out) || (isReplaced() && reopen() && copyTo(out));
    }

    private boolean copyOn(OutputStream out) throws IOException {
        long length = open == null ? 0 : open.transferTo(out);
        copied += length;
        return length > 0;
    }

    private boolean reopenHere() throws IOException {
        long here = copied;
        Object before = key;
        if (open == null || !reopen()) {
            return false;
        }
        if (Objects.equals(before, key)) {
            copied = Math.min(here, Files.size(file));
            open.skipNBytes(copied);
        }
        return true;
    }

    @Override
    public boolean isWhole() {
        return open != null;
    }

    private boolean reopen() throws IOException {
        close();
        try {
            open = Files.newInputStream(file);
            copied = 0;
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
