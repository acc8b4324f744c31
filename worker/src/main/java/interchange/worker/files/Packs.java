package interchange.worker.files;

import interchange.pack.PackName;
import interchange.pack.PackWriter;
import interchange.shared.Reasons;
import interchange.worker.process.GuardedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The packs of this worker, one for each run, open while any of its attempts prints or ends. The packer's. */
final class Packs {
    private static final Logger LOG = LoggerFactory.getLogger(Packs.class);
    private static final int READ_AND_WRITE = 0666;

    private static final List<String> REMOTE = List.of("nfs", "cifs", "smb", "fuse", "9p", "afs", "ceph", "beegfs");

    private final GuardedFiles files;
    private final String host;
    private final String incarnation;
    private final Map<Path, Pack> open = new LinkedHashMap<>();

    /** One that is open. */
    static final class Pack {
        final PackWriter writer;
        private final Path file;
        /** What was there under its name when it was opened. */
        private final Optional<Object> key;

        private long usedNanos;

        private Pack(PackWriter writer, Path file, Optional<Object> key, long now) {
            this.writer = writer;
            this.file = file;
            this.key = key;
            usedNanos = now;
        }

        /** Not into one that is there no more, where it would begin with a hole. */
        void flush() throws IOException {
            if (writer.gatheredBytes() > 0 && !isThere()) {
                throw new NoSuchFileException(file.toString(), null, "removed, emptied or replaced by somebody");
            }
            writer.flush();
        }

        private boolean isThere() throws IOException {
            try {
                BasicFileAttributes there = attributes(file);
                return key.equals(Optional.ofNullable(there.fileKey())) && there.size() >= writer.writtenBytes();
            } catch (NoSuchFileException e) {
                return false;
            }
        }
    }

    Packs(GuardedFiles files, String host, String incarnation) {
        this.files = files;
        this.host = host;
        this.incarnation = incarnation;
    }

    Path file(PackOrder order) {
        return order.directory().resolve(PackName.of(order.attempt().getRun(), host, incarnation));
    }

    Pack of(PackOrder order, long now) throws IOException {
        Path file = file(order);
        Pack present = open.get(file);
        if (present != null) {
            present.usedNanos = now;
            return present;
        }
        Pack made = open(file, order, now);
        open.put(file, made);
        return made;
    }

    private Pack open(Path file, PackOrder order, long now) throws IOException {
        Files.createDirectories(order.directory());
        // Nobody else has this name: one that is there is ours, of before a pause or of a try that failed just below.
        FileChannel channel =
                files.openElsewhere(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.size() == 0) {
                permit(file, order.umask());
            }
            Optional<Object> key = keyOf(file);
            return new Pack(
                    PackWriter.open(
                            file, channel, isRemote(file), order.attempt().getRun(), host, incarnation),
                    file,
                    key,
                    now);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Some file systems of other worlds have no such thing. */
    private static void permit(Path file, int umask) {
        try {
            Files.setPosixFilePermissions(file, permissions(READ_AND_WRITE & ~umask));
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("{} has not the permissions that the umask of its jobs says: {}", file, Reasons.of(e));
        }
    }

    private static Optional<Object> keyOf(Path file) throws IOException {
        return Optional.ofNullable(attributes(file).fileKey());
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class);
    }

    /**
     * Whether what has been written to it is still found under its name. Somebody may have removed or emptied it, or put
     * something in its place; then it is given up, and the next that is asked for is another.
     */
    boolean isInPlace(Pack pack) throws IOException {
        if (pack.isThere()) {
            return true;
        }
        LOG.warn(
                "{} was removed, emptied or replaced by somebody: what jobs that have ended had printed is lost",
                pack.file);
        open.remove(pack.file);
        close(pack);
        return false;
    }

    /** What nobody has used for so long: its run may be over, of which a worker hears nothing. */
    void closeIdle(long now, long idleNanos) {
        for (Iterator<Pack> all = open.values().iterator(); all.hasNext(); ) {
            Pack pack = all.next();
            if (now - pack.usedNanos >= idleNanos) {
                all.remove();
                flush(pack);
                close(pack);
            }
        }
    }

    /** Where one machine's writes are others' only when they are flushed, as with the closing of a file. */
    private static boolean isRemote(Path file) throws IOException {
        String type = Files.getFileStore(file).type();
        return REMOTE.stream().anyMatch(type::startsWith);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] bits = PosixFilePermission.values();
        for (int bit = 0; bit < bits.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                all.add(bits[bit]);
            }
        }
        return all;
    }

    private static void flush(Pack pack) {
        try {
            pack.flush();
        } catch (IOException e) {
            LOG.warn("{} lacks its end: {}", pack.file, Reasons.of(e));
        }
    }

    private static void close(Pack pack) {
        try {
            pack.writer.close();
        } catch (IOException e) {
            // What was to be there has been flushed before, or was given up and said.
            return;
        }
    }

    void close() {
        open.values().forEach(Packs::close);
        open.clear();
    }
}
