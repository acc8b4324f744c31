package interchange.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows until when this worker may live, as the name of its process: {@code until SECONDS}, by the clock of
 * {@code /proc/uptime}. Its keeper kills one that is still there then, because a worker that is stopped or stuck can't end
 * its own lease while its jobs run on.
 *
 * <p>A process name needs no disk that can be full or stuck, and is gone with the process.
 */
final class LeaseSign {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseSign.class);

    private final Path name;
    private long shownSeconds;
    private boolean broken;

    LeaseSign(Path name) {
        this.name = name;
    }

    static LeaseSign ofThisProcess() {
        return new LeaseSign(
                Path.of("/proc/self/task/" + ProcessHandle.current().pid() + "/comm"));
    }

    /** @param endNanos CLOCK_BOOTTIME; Long.MAX_VALUE: there is no lease yet */
    void show(long endNanos) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(endNanos) + 1;
        if (endNanos == Long.MAX_VALUE || seconds == shownSeconds) {
            return;
        }
        try {
            Files.writeString(name, "until " + seconds);
            shownSeconds = seconds;
            broken = false;
        } catch (IOException e) {
            // Tried again at the next turn: by an old sign a healthy worker would be killed.
            if (!broken) {
                LOG.warn("the keeper can't watch the lease: {}", e.toString());
            }
            broken = true;
        }
    }
}
