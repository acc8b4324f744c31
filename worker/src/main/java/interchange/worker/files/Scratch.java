package interchange.worker.files;

import interchange.worker.process.GuardedFiles;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's directory on its node, for its owner alone: the directories of jobs, the cache, and outputs that nobody
 * would take. It is locked while the worker lives, so that those of dead ones can be told, and removed.
 */
final class Scratch {
    private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);
    private static final String PREFIX = "interchange-";
    private static final String LOCK = "lock";
    private static final String KEPT = "kept";
    /** Outputs that nobody would take are there for their user to fetch. */
    private static final Duration KEPT_FOR = Duration.ofDays(7);

    /** One without a lock may just be being made. */
    private static final Duration YOUNG = Duration.ofHours(1);

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;
    private final FileChannel lock;

    private Scratch(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /**
     * Takes the directory of a place, where a worker that is dead may have been before, or makes one.
     *
     * @param base where it is to lie
     * @param host only directories of this machine's workers can be judged by their locks
     * @param place the same for each worker that stands at one place after another
     */
    static Scratch open(Path base, String host, String place, GuardedFiles files) throws IOException {
        Files.createDirectories(base);
        String mine = PREFIX + fileName(host) + "-";
        removeDead(base, mine, mine + fileName(place), files);
        Path usual = base.resolve(mine + fileName(place));
        Scratch scratch = takeOrMake(base, usual, files);
        try {
            scratch.clear();
        } catch (IOException e) {
            // Or the next try would take our own lock for somebody's.
            scratch.leave();
            throw e;
        }
        return scratch;
    }

    /** What is here is of a worker that is dead, and whose attempts run again; the cache is the next one's. */
    private void clear() throws IOException {
        Trees.remove(jobs());
        Files.createDirectory(jobs(), OWNER_ONLY);
        if (!Files.isDirectory(cache(), LinkOption.NOFOLLOW_LINKS)) {
            Trees.remove(cache());
            Files.createDirectory(cache(), OWNER_ONLY);
        }
    }

    private static String fileName(String text) {
        return text.replaceAll("[^A-Za-z0-9_.-]", "_");
    }

    private static Scratch takeOrMake(Path base, Path usual, GuardedFiles files) throws IOException {
        if (!Files.exists(usual, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(usual, OWNER_ONLY);
        }
        // Anyone may have made it before us, where all may write.
        if (isOurs(usual)) {
            FileChannel channel = files.open(usual.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (locks(channel)) {
                return new Scratch(usual, channel);
            }
            channel.close();
        }
        Path other = Files.createTempDirectory(base, usual.getFileName() + "-", OWNER_ONLY);
        FileChannel channel = files.open(other.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = locks(channel);
        LOG.info("{} is somebody's; using {}{}", usual, other, locked ? "" : ", which can't be locked");
        return new Scratch(other, channel);
    }

    private static boolean isOurs(Path directory) throws IOException {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                && Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                && PosixFilePermissions.toString(Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS))
                        .equals("rwx------");
    }

    private static boolean locks(FileChannel channel) {
        try {
            return channel.tryLock() != null;
        } catch (IOException | OverlappingFileLockException e) {
            return false;
        }
    }

    private static void removeDead(Path base, String prefix, String own, GuardedFiles files) {
        File[] all = base.toFile().listFiles((directory, name) -> name.startsWith(prefix) && !name.equals(own));
        if (all == null) {
            return;
        }
        for (File each : all) {
            try {
                if (isOurs(each.toPath()) && isDead(each.toPath(), files)) {
                    removeUnlessKept(each.toPath());
                }
            } catch (IOException e) {
                LOG.debug("{} may be of a dead worker, but: {}", each, e.toString());
            }
        }
    }

    private static boolean isDead(Path directory, GuardedFiles files) throws IOException {
        Path lock = directory.resolve(LOCK);
        if (!Files.exists(lock)) {
            return isOlder(directory, YOUNG);
        }
        try (FileChannel channel = files.open(lock, StandardOpenOption.WRITE)) {
            return locks(channel);
        }
    }

    private static boolean isOlder(Path path, Duration than) throws IOException {
        return System.currentTimeMillis() - Files.getLastModifiedTime(path).toMillis() > than.toMillis();
    }

    private static void removeUnlessKept(Path directory) throws IOException {
        Trees.remove(directory.resolve("jobs"));
        Trees.remove(directory.resolve("cache"));
        Path kept = directory.resolve(KEPT);
        if (!Files.exists(kept) || isOlder(kept, KEPT_FOR)) {
            Trees.remove(directory);
        }
    }

    Path jobs() {
        return root.resolve("jobs");
    }

    Path cache() {
        return root.resolve("cache");
    }

    /** Puts the outputs of an attempt aside, where its user finds them. */
    Path keep(Path folder) throws IOException {
        Path kept = root.resolve(KEPT);
        if (!Files.exists(kept)) {
            Files.createDirectory(kept, OWNER_ONLY);
        }
        Path to = kept.resolve(folder.getFileName().toString());
        Trees.remove(to);
        return Files.move(folder, to);
    }

    /** Where that is, seen from a file in the directory of jobs. */
    static Path kept(Path inJobs) {
        return inJobs.resolveSibling("..").resolve(KEPT).normalize();
    }

    /** Of a worker that leaves for good. */
    void remove() {
        try {
            removeUnlessKept(root);
        } catch (IOException e) {
            LOG.warn("can't remove {}: {}", root, e.toString());
        }
        leave();
    }

    /** To the next worker of this place. */
    void leave() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("can't unlock {}: {}", root, e.toString());
        }
    }
}
