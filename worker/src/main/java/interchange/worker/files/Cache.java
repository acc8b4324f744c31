package interchange.worker.files;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inputs that were here, by content. The least recently used goes when there is more than the limit; what is being used
 * stays, so a file above the limit is there for as long as its jobs are being given it. The courier's.
 */
final class Cache {
    private static final Logger LOG = LoggerFactory.getLogger(Cache.class);
    private static final String NAME = "[0-9a-f]{64}";

    private final Path directory;
    private final long bytesMax;
    /** The one that was used least recently comes first. */
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /** One content. */
    static final class Entry {
        private final String hash;
        private final Path file;
        private final long size;
        private final FileTime modified;
        private volatile boolean verified;
        private int users;

        private Entry(String hash, Path file, boolean verified) throws IOException {
            this.hash = hash;
            this.file = file;
            this.size = Files.size(file);
            this.modified = Files.getLastModifiedTime(file);
            this.verified = verified;
        }

        String hash() {
            return hash;
        }

        Path file() {
            return file;
        }

        /** False: it was here before this worker, and must be read before it is believed. */
        boolean isVerified() {
            return verified;
        }

        void verified() {
            verified = true;
        }

        /** Whether it looks as it did when it came. Jobs get copies, but they run as the same user. */
        boolean isUntouched() throws IOException {
            return Files.size(file) == size && Files.getLastModifiedTime(file).equals(modified);
        }
    }

    /** Takes over what a worker before us had. */
    Cache(Path directory, long bytesMax) {
        this.directory = directory;
        this.bytesMax = bytesMax;
        File[] present = directory.toFile().listFiles();
        for (File each : present == null ? new File[0] : present) {
            try {
                if (each.getName().matches(NAME) && each.isFile()) {
                    insert(new Entry(each.getName(), each.toPath(), false));
                } else {
                    Trees.remove(each.toPath());
                }
            } catch (IOException e) {
                LOG.debug("{} can't be used", each, e);
            }
        }
        shrink();
    }

    /** Where a content gathers while it comes. */
    Path partial(String hash) {
        return directory.resolve(hash + ".part");
    }

    /** It is used until it is given back. */
    Optional<Entry> use(String hash) {
        Entry entry = entries.get(hash);
        if (entry != null) {
            entry.users++;
        }
        return Optional.ofNullable(entry);
    }

    void giveBack(Entry entry) {
        entry.users--;
        shrink();
    }

    /** A partial file that is complete, and was found right. */
    void add(String hash) throws IOException {
        Path file = directory.resolve(hash);
        Files.move(partial(hash), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        insert(new Entry(hash, file, true));
    }

    private void insert(Entry entry) {
        Entry before = entries.put(entry.hash, entry);
        bytes += entry.size - (before == null ? 0 : before.size);
    }

    /** It is not what it should be. */
    void remove(Entry entry) {
        if (entries.get(entry.hash) == entry) {
            entries.remove(entry.hash);
            bytes -= entry.size;
            Trees.remove(entry.file);
        }
    }

    /** To the limit, but for what is being used. */
    void shrink() {
        evictUntil(bytesMax);
    }

    /** Makes room on a disk that is full; false: there was nothing to give. */
    boolean giveRoom() {
        long before = bytes;
        evictUntil(0);
        return bytes < before;
    }

    private void evictUntil(long most) {
        List<Entry> oldestFirst = new ArrayList<>(entries.values());
        for (Entry entry : oldestFirst) {
            if (bytes <= most) {
                return;
            }
            if (entry.users == 0) {
                remove(entry);
            }
        }
    }

    /** For tests. */
    Map<String, Long> sizes() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        entries.forEach((hash, entry) -> sizes.put(hash, entry.size));
        return sizes;
    }
}
