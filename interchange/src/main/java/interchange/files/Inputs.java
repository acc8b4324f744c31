package interchange.files;

import interchange.broker.FilesLoop;
import interchange.files.Turns.Peer;
import interchange.shared.Reasons;
import interchange.shared.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * What inputs are: size and hash, found out once for each version of a file. Hashing has a thread of its own, since a
 * large file takes long; all else happens on the files' thread.
 */
final class Inputs {
    /** Of files whose hash is remembered. */
    static final int KNOWN_MAX = 50_000;

    private static final int BUFFER_BYTES = 1 << 20;

    private final Executor hasher;
    private final FilesLoop loop;
    /** By who asked, since they ask again every 30 s: each is answered once. */
    private final Map<Path, Map<Peer, Consumer<Answer>>> asked = new HashMap<>();

    private final LinkedHashMap<Path, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Known> eldest) {
            return size() > KNOWN_MAX;
        }
    };

    /** Which version of a file this is; hard to keep the same while the content changes. */
    record Version(long size, FileTime modified, Object inode) {
        /** @throws IOException with words for people when it can't be an input */
        static Version of(Path path) throws IOException {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            if (found.isDirectory()) {
                throw new IOException(path + " is a directory, and only files travel: name the files in it, or pack it"
                        + " into one (tar)");
            }
            if (!found.isRegularFile()) {
                throw new IOException(path + " is no regular file, and only those travel");
            }
            Object key = found.fileKey();
            return new Version(found.size(), found.lastModifiedTime(), key == null ? path : key);
        }
    }

    /** @param sha256 of that version */
    record Known(Version version, byte[] sha256) {}

    /** What became of a question. */
    sealed interface Answer {
        record Found(Known known) implements Answer {}

        record Absent(String why) implements Answer {}

        record NotNow(String why) implements Answer {}
    }

    Inputs(Executor hasher, FilesLoop loop) {
        this.hasher = hasher;
        this.loop = loop;
    }

    /**
     * Answers at once, or when it is hashed; whoever asks for the same file meanwhile waits for the same.
     *
     * @return false: it takes a while
     */
    boolean look(Path path, Peer peer, Consumer<Answer> answer) {
        Version version;
        try {
            version = Version.of(path);
        } catch (IOException e) {
            answer.accept(failure(path, e));
            return true;
        }
        Known last = known.get(path);
        if (last != null && last.version().equals(version)) {
            answer.accept(new Answer.Found(last));
            return true;
        }
        boolean first = !asked.containsKey(path);
        asked.computeIfAbsent(path, _ -> new LinkedHashMap<>()).put(peer, answer);
        if (first) {
            begin(path);
        }
        return false;
    }

    private void begin(Path path) {
        try {
            hasher.execute(() -> {
                try {
                    Answer found = hash(path);
                    loop.post(() -> tell(path, found));
                } catch (RuntimeException e) {
                    loop.fail(e);
                }
            });
        } catch (RejectedExecutionException e) {
            tell(path, new Answer.NotNow("too many files are waiting to be read"));
        }
    }

    private void tell(Path path, Answer found) {
        if (found instanceof Answer.Found(Known now)) {
            known.put(path, now);
        }
        Map<Peer, Consumer<Answer>> waiting = asked.remove(path);
        if (waiting != null) {
            waiting.values().forEach(each -> each.accept(found));
        }
    }

    /** The version with this hash, if the file still is that; empty: it is another by now, or was never looked at. */
    Optional<Version> version(Path path, byte[] sha256) throws IOException {
        Known last = known.get(path);
        return last != null
                        && MessageDigest.isEqual(last.sha256(), sha256)
                        && last.version().equals(Version.of(path))
                ? Optional.of(last.version())
                : Optional.empty();
    }

    private static Answer hash(Path path) {
        try {
            Version before = Version.of(path);
            MessageDigest digest = Sha256.digest();
            byte[] buffer = new byte[BUFFER_BYTES];
            long size = 0;
            try (InputStream in = new DigestInputStream(Files.newInputStream(path), digest)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    size += read;
                }
            }
            return size == before.size() && before.equals(Version.of(path))
                    ? new Answer.Found(new Known(before, digest.digest()))
                    : new Answer.NotNow(path + " is being written");
        } catch (IOException e) {
            return failure(path, e);
        }
    }

    private static Answer failure(Path path, IOException e) {
        if (DiskTrouble.isPassing(e)) {
            return new Answer.NotNow("can't read " + path + ": " + Reasons.of(e));
        }
        String why = e instanceof NoSuchFileException
                ? "there is no " + path + " on the submit host: make it there, or see that a job that makes it comes"
                        + " before this one"
                : Reasons.of(e);
        return new Answer.Absent(why);
    }
}
