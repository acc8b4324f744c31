package interchange.submit.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Which process has the daemon's directory, as its owner file says. A process id means something on its own host alone.
 *
 * @param bootId another after every start of the host
 * @param renewed when it last said so
 */
public record Holder(String host, String bootId, long pid, Instant renewed) {
    private static final Path THIS_HOST = Path.of("/proc/sys/kernel/hostname");
    private static final Path THIS_BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final int HOST = 0;
    private static final int BOOT_ID = 1;
    private static final int PID = 2;

    /** As the daemon counts: six renewals missed. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(60);

    /** Empty when there is none. */
    static Optional<Holder> read(Path ownerFile) throws IOException {
        try {
            String[] fields = Files.readString(ownerFile).split(" ", -1);
            boolean whole = fields.length > PID && fields[PID].matches("\\d{1,10}");
            return whole
                    ? Optional.of(new Holder(
                            fields[HOST],
                            fields[BOOT_ID],
                            Long.parseLong(fields[PID]),
                            Files.getLastModifiedTime(ownerFile).toInstant()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Whether this name is the one that this host gives itself, and daemons give in answers and files. */
    public static boolean isThisHost(String name) {
        return says(THIS_HOST, name);
    }

    private static boolean says(Path file, String text) {
        try {
            return Files.readString(file).strip().equals(text);
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether it is a living process of this host. */
    boolean livesHere() {
        return isThisHost(host)
                && says(THIS_BOOT, bootId)
                && ProcessHandle.of(pid).isPresent();
    }

    /** Whether it is alive for all that can be known from here. */
    boolean mayLive() {
        return isThisHost(host) ? livesHere() : renewed.isAfter(Instant.now().minus(SILENCE_LIMIT));
    }
}
