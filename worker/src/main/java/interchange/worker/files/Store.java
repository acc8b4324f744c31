package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import interchange.worker.process.GuardedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;

/** What the worker has on its node's disk for files: opened when the first job wants it. */
final class Store {
    private static final int COPY_BYTES = 4 << 20;

    private final Scratch scratch;
    private final Cache cache;
    private final GuardedFiles files;

    Store(Scratch scratch, Cache cache, GuardedFiles files) {
        this.scratch = scratch;
        this.cache = cache;
        this.files = files;
    }

    /** Something in the cache is not what it was. */
    static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1L;

        DamagedException(Path file) {
            super(file + " is not what it was");
        }
    }

    Scratch scratch() {
        return scratch;
    }

    /** The courier's alone. */
    Cache cache() {
        return cache;
    }

    Folder folder(Order order) {
        AttemptName name = order.attempt();
        return new Folder(
                scratch.jobs().resolve(name.getRun() + "-" + name.getJob() + "-" + name.getNumber()), order.oneLog());
    }

    /** Empty, whatever was there. */
    Folder make(Order order) throws IOException {
        Folder folder = folder(order);
        Trees.remove(folder.root());
        Files.createDirectories(folder.work());
        return folder;
    }

    FileChannel openPartial(String hash) throws IOException {
        return files.open(
                cache.partial(hash),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    FileChannel read(Path file) throws IOException {
        return files.open(file, StandardOpenOption.READ);
    }

    /** Gives a job an input of its own, which it may change. What the cache had before us is read first. */
    void give(Cache.Entry entry, Path target, boolean executable) throws IOException {
        if (!entry.isVerified()) {
            try (FileChannel channel = read(entry.file())) {
                if (!HexFormat.of().formatHex(Hashes.of(channel)).equals(entry.hash())) {
                    throw new DamagedException(entry.file());
                }
            }
            entry.verified();
        }
        if (!entry.isUntouched()) {
            throw new DamagedException(entry.file());
        }
        copy(entry.file(), target);
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private void copy(Path from, Path to) throws IOException {
        try (FileChannel in = read(from);
                FileChannel out = files.open(
                        to,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            long size = in.size();
            for (long at = 0; at < size; ) {
                long moved = in.transferTo(at, Math.min(COPY_BYTES, size - at), out);
                if (moved <= 0) {
                    throw new DamagedException(from);
                }
                at += moved;
            }
        }
    }

    /** Reads what a job made. */
    Offering.Made survey(Path file) throws IOException {
        try (FileChannel channel = read(file)) {
            var modified = Files.getLastModifiedTime(file).toInstant();
            return new Offering.Made(
                    channel.size(),
                    Hashes.of(channel),
                    modified.getEpochSecond(),
                    modified.getNano(),
                    isExecutable(file));
        }
    }

    private static boolean isExecutable(Path file) throws IOException {
        return Files.getPosixFilePermissions(file).stream()
                .anyMatch(each -> each.name().endsWith("_EXECUTE"));
    }
}
