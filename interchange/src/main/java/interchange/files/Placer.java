package interchange.files;

import interchange.core.AttemptId;
import interchange.shared.Reasons;
import interchange.shared.Sha256;
import interchange.shared.SystemErrors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Opens uploads, and puts those that are complete into their places. On the placing thread, one after another. */
final class Placer {
    private static final Path DEV_NULL = Path.of("/dev/null");
    private static final String MODE = "unix:mode";

    /** ENOTDIR and ELOOP: what is above it tells. */
    private static final Set<Integer> HIDDEN = Set.of(20, 40);
    /** EROFS. */
    private static final Set<Integer> READ_ONLY = Set.of(30);
    /** What came differed from what was offered; then it is not the network that changed it. */
    static final int DAMAGED_MAX = 3;

    /** In the order of the bits of a mode, from 0400 on. */
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OWNER_READ,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_EXECUTE
    };

    private final Permits permits;
    private final Partials partials;
    private final Forcing forcing;
    private final Logs logs = new Logs();

    /** @param permits over a connection of this thread's own */
    Placer(Permits permits, Partials partials) {
        this(permits, partials, Upload::force);
    }

    /** @param forcing brings what has come of an upload to the disk */
    Placer(Permits permits, Partials partials, Forcing forcing) {
        this.permits = permits;
        this.partials = partials;
        this.forcing = forcing;
    }

    interface Forcing {
        void force(Upload upload) throws IOException;
    }

    /** What became of an offer. */
    sealed interface Result {
        /** Its bytes may come. */
        record Opened(Upload upload) implements Result {}

        /** It is in its place. */
        record Placed() implements Result {}

        /** What came was not what was offered; it is to come again. */
        record Damaged(Upload upload) implements Result {}

        record NotNow(String why) implements Result {}

        record Refused(String why) implements Result {}

        record Unwanted() implements Result {}
    }

    /** Looks whether an output could be put there; empty: it could. The same words as when it is tried. */
    static Optional<String> obstacle(Path place) throws IOException {
        if (place.equals(DEV_NULL)) {
            return Optional.empty();
        }
        Optional<BasicFileAttributes> there = found(place);
        if (there.isPresent() && there.get().isDirectory()) {
            return Optional.of("an output is to go to " + place + ", but that is a directory, and only files travel:"
                    + " name a file in it, or have the job pack the directory (tar)");
        }
        if (there.isPresent() && !there.get().isRegularFile()) {
            return Optional.of("an output is to go to " + place + ", but that is no regular file");
        }
        Path above = place;
        Optional<BasicFileAttributes> nearest = Optional.empty();
        while (nearest.isEmpty()) {
            above = Objects.requireNonNull(above.getParent(), "the root exists");
            nearest = found(above);
        }
        return nearest.get().isDirectory() && isWritable(above)
                ? Optional.empty()
                : Optional.of("an output is to go to " + place + ", but " + above
                        + " can't be written by the daemon's user: change its permissions, or the output's path");
    }

    /** Empty only if it does not exist, or is hidden: a server of files that is away for a moment says nothing about what it has. */
    private static Optional<BasicFileAttributes> found(Path path) throws IOException {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class));
        } catch (NoSuchFileException | AccessDeniedException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            if (SystemErrors.isOneOf(e, HIDDEN)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static boolean isWritable(Path directory) throws IOException {
        try {
            directory.getFileSystem().provider().checkAccess(directory, AccessMode.WRITE, AccessMode.EXECUTE);
            return true;
        } catch (AccessDeniedException e) {
            return false;
        } catch (FileSystemException e) {
            if (SystemErrors.isOneOf(e, READ_ONLY)) {
                return false;
            }
            throw e;
        }
    }

    Result open(Key key, Offered offered) {
        Optional<Permit> permit = permits.of(key).filter(some -> !(some instanceof Permit.Input));
        return permit.isEmpty() ? new Result.Unwanted() : guarded(key, () -> opened(key, offered, permit.get()));
    }

    /** The attempt may have been given up meanwhile; then what it made must not be seen. */
    Result place(Upload upload) {
        Optional<Permit> permit = permits.of(upload.key);
        if (permit.isEmpty()) {
            discard(upload);
            return new Result.Unwanted();
        }
        Result result = guarded(upload.key, () -> placed(upload, permit.get()));
        if (!(result instanceof Result.Damaged)) {
            Uploads.close(upload);
        }
        return result;
    }

    private interface Step {
        Result take() throws IOException;
    }

    private static Result guarded(Key key, Step step) {
        try {
            return step.take();
        } catch (IOException e) {
            String why = (key.isLog() ? "what the job printed" : "an output") + " can't be written: " + Reasons.of(e);
            return DiskTrouble.isPassing(e) ? new Result.NotNow(why) : new Result.Refused(why);
        }
    }

    private Result opened(Key key, Offered offered, Permit permit) throws IOException {
        Path place = place(permit);
        if (place.equals(DEV_NULL)) {
            return new Result.Placed();
        }
        Optional<String> obstacle = obstacle(place);
        if (obstacle.isPresent()) {
            return new Result.Refused(obstacle.get());
        }
        if (!offered.grows() && isThere(place, offered)) {
            partials.end(key);
            return new Result.Placed();
        }
        makeDirectory(Objects.requireNonNull(place.getParent(), "it is absolute"), umask(permit));
        partials.begin(key, Partials.of(key, place));
        return new Result.Opened(Upload.open(key, offered, place));
    }

    /** An answer to an earlier offer may have been lost. */
    private static boolean isThere(Path place, Offered offered) throws IOException {
        if (!Files.isRegularFile(place)) {
            return false;
        }
        BasicFileAttributes found = Files.readAttributes(place, BasicFileAttributes.class);
        if (found.size() != offered.size() || !offered.isOfTime(found.lastModifiedTime())) {
            return false;
        }
        MessageDigest digest = Sha256.digest();
        try (FileChannel channel = FileChannel.open(place, StandardOpenOption.READ)) {
            Hashes.update(digest, channel, found.size());
        }
        return MessageDigest.isEqual(digest.digest(), offered.sha256());
    }

    private Result placed(Upload upload, Permit permit) throws IOException {
        if (!upload.isRight()) {
            return upload.damaged() < DAMAGED_MAX
                    ? new Result.Damaged(upload)
                    : new Result.Refused("the output " + upload.place() + " came " + DAMAGED_MAX
                            + " times with another content than its worker had found in it:"
                            + " see whether something of the job still writes to it after the job's end");
        }
        Path place = place(permit);
        Files.setPosixFilePermissions(
                upload.partial(), permissions((upload.offered.executable() ? 0777 : 0666) & ~umask(permit)));
        Files.setLastModifiedTime(upload.partial(), upload.offered.modified());
        try {
            forcing.force(upload);
            upload.close();
        } catch (IOException e) {
            // What was not written is gone from the kernel's memory too, but reading it now would not show that.
            upload.discard();
            throw e;
        }
        if (permit instanceof Permit.Log log) {
            keepEarlier(place, upload.key.attempt(), log);
        }
        Files.move(upload.partial(), place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (permit instanceof Permit.Log) {
            logs.placed(place, upload.key.attempt());
        }
        // The name is durable only once its directory is.
        try (FileChannel directory = FileChannel.open(place.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
        partials.end(upload.key);
        return new Result.Placed();
    }

    /** What an attempt before wrote stays, under its number; not what this one did, which is offered again. */
    private void keepEarlier(Path place, AttemptId attempt, Permit.Log log) throws IOException {
        OptionalInt earlier = logs.earlier(place, attempt, log.earlier());
        if (earlier.isPresent() && Files.isRegularFile(place)) {
            Files.move(
                    place,
                    place.resolveSibling(place.getFileName() + "." + earlier.getAsInt()),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void discard(Upload upload) {
        try {
            upload.discard();
            partials.end(upload.key);
        } catch (IOException e) {
            // Its note is there, and the next sweep looks at it.
            return;
        }
    }

    /** Through a link, as a job that wrote it itself would. */
    private static Path place(Permit permit) throws IOException {
        Path path = permit.path();
        return Files.isSymbolicLink(path) && Files.exists(path) ? path.toRealPath() : path;
    }

    private static int umask(Permit permit) {
        return switch (permit) {
            case Permit.Input _ -> throw new IllegalStateException("nothing is written to an input");
            case Permit.Output output -> output.umask();
            case Permit.Log log -> log.umask();
        };
    }

    private static void makeDirectory(Path directory, int umask) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path above = directory.getParent();
        if (above != null) {
            makeDirectory(above, umask);
        }
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
            return;
        }
        // With the bits that it has from the directory above it: setgid, by which groups share their files.
        int given = (int) Files.getAttribute(directory, MODE) & ~0777;
        Files.setAttribute(directory, MODE, given | (0777 & ~umask));
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BITS.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                all.add(BITS[bit]);
            }
        }
        return all;
    }
}
