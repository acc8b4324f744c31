package interchange.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that says whose a daemon's directory is. It stands beside the journal's lock, which some cluster file systems
 * don't honour.
 *
 * <p>Ages are differences between two times that the file system gave, so that hosts with different clocks agree.
 */
final class OwnerFile {
    static final Duration RENEWAL = Duration.ofSeconds(10);

    /** Six renewals missed: from another host, only then, and only when told to. */
    static final Duration TAKEOVER_AFTER = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(OwnerFile.class);

    private final Path file;
    private final Owner self;

    private OwnerFile(Path file, Owner self) {
        this.file = file;
        this.self = self;
    }

    /**
     * Makes the directory ours.
     *
     * @param takeover whether a holder on another host that is silent may be replaced
     */
    static OwnerFile acquire(Path file, Machine machine, String token, boolean takeover)
            throws IOException, RefusedException {
        Owner self = Owner.of(machine, token);
        try (FileChannel guard = FileChannel.open(
                        file.resolveSibling(file.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                var lock = guard.tryLock()) {
            // Two that start on one host at the same moment; where locks don't work, the token tells later.
            if (lock == null) {
                throw new RefusedException("another daemon is just starting in " + file.getParent());
            }
            Optional<Owner> holder = read(file);
            if (holder.isPresent()) {
                refuseUnlessFree(file, holder.get(), machine, takeover);
            }
            replace(file, self);
        }
        return new OwnerFile(file, self);
    }

    private static void refuseUnlessFree(Path file, Owner holder, Machine machine, boolean takeover)
            throws IOException, RefusedException {
        if (holder.dead(machine)) {
            LOG.info("Taking over from process {} of this host, which is dead.", holder.pid());
            return;
        }
        String who = file.getParent() + " belongs to the daemon with process id " + holder.pid() + " on host "
                + holder.host();
        if (holder.host().equals(machine.host())) {
            throw new RefusedException(
                    who + ", which is running (`interchange info` asks it, `interchange stop` ends it)");
        }
        Duration age = age(file);
        if (!takeover) {
            throw new RefusedException(
                    who + ", last heard of " + age.toSeconds() + " s ago. Stop it there; if that host is"
                            + " lost, `interchange start --takeover` takes its place");
        }
        if (age.compareTo(TAKEOVER_AFTER) < 0) {
            throw new RefusedException(who + ", which renewed its claim " + age.toSeconds()
                    + " s ago and so is alive; a takeover needs " + TAKEOVER_AFTER.toSeconds() + " s of silence");
        }
        LOG.warn("Taking over from {} on {}, silent for {} s.", holder.pid(), holder.host(), age.toSeconds());
    }

    /** How long ago it was renewed, by the clock of the file system. */
    private static Duration age(Path file) throws IOException {
        Path probe = Files.createTempFile(file.getParent(), "owner", ".probe");
        try {
            Files.writeString(probe, "now\n");
            long now = Files.getLastModifiedTime(probe).toMillis();
            return Duration.ofMillis(
                    Math.max(0, now - Files.getLastModifiedTime(file).toMillis()));
        } finally {
            Files.delete(probe);
        }
    }

    /** Whether the directory still is ours; says so to others, too. */
    boolean renew() throws IOException {
        Optional<Owner> holder = read(file);
        if (holder.isPresent() && !holder.get().token().equals(self.token())) {
            LOG.error(
                    "{} now belongs to process {} on {}.",
                    file.getParent(),
                    holder.get().pid(),
                    holder.get().host());
            return false;
        }
        if (holder.isPresent()) {
            touch();
        } else {
            replace(file, self);
        }
        return true;
    }

    /** In place, so that it succeeds on a full disk; the file system sets the time. */
    private void touch() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(self.line().getBytes(StandardCharsets.UTF_8)));
        }
    }

    void release() throws IOException {
        Optional<Owner> holder = read(file);
        if (holder.isPresent() && holder.get().equals(self)) {
            Files.delete(file);
        }
    }

    private static Optional<Owner> read(Path file) throws IOException {
        try {
            return Owner.parse(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static void replace(Path file, Owner owner) throws IOException {
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path written = Files.createTempFile(file.getParent(), "owner", ".new", mode);
        try {
            Files.writeString(written, owner.line());
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
