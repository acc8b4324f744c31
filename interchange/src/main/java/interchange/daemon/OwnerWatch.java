package interchange.daemon;

import interchange.shared.Reasons;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the claim on the directory, and has the daemon stop when it is another's. On a thread of its own. */
final class OwnerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerWatch.class);

    private final OwnerFile owner;
    private final Troubles troubles;
    private final Runnable lost;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("owner").factory());

    /** @param lost called once another daemon has taken the directory: nothing more may be written there */
    OwnerWatch(OwnerFile owner, Troubles troubles, Runnable lost) {
        this.owner = owner;
        this.troubles = troubles;
        this.lost = lost;
    }

    void start() {
        long millis = OwnerFile.RENEWAL.toMillis();
        var unused = timer.scheduleWithFixedDelay(this::renew, millis, millis, TimeUnit.MILLISECONDS);
    }

    private void renew() {
        try {
            if (!owner.renew()) {
                lost.run();
                return;
            }
            troubles.end(Troubles.Kind.OWNER);
        } catch (IOException | RuntimeException e) {
            String words = Reasons.of(e);
            LOG.warn("The claim on the daemon's directory can't be renewed: {}", words);
            troubles.begin(Troubles.Kind.OWNER, "the claim on the daemon's directory can't be renewed: " + words);
        }
    }

    /** Gives the directory back. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            owner.release();
        } catch (IOException e) {
            LOG.warn("The claim on the daemon's directory stays behind: {}", Reasons.of(e));
        }
    }
}
