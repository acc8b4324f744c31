package interchange.daemon;

import interchange.core.Event;
import interchange.core.StopMode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A daemon in its place, ready to run. The thread that calls {@link #run} becomes the conductor's. */
public final class Daemon {
    /** What a keep-blocks stop may take before it is broken off; nothing is lost then either. */
    private static final long TERMINATE_SECONDS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Conductor conductor;
    private final Inbox inbox;
    private final TurnTimes times;
    private final Closing closing;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile Thread thread = Thread.currentThread();

    Daemon(Conductor conductor, Inbox inbox, TurnTimes times, Closing closing) {
        this.conductor = conductor;
        this.inbox = inbox;
        this.times = times;
        this.closing = closing;
    }

    /** Ends what {@link Wiring} began, in the opposite order. */
    interface Closing {
        void close();
    }

    /** Runs until a stop is complete. A fault of ours comes out as what was thrown. */
    public void run() {
        thread = Thread.currentThread();
        thread.setName("conductor");
        try {
            conductor.run();
            LOG.info(
                    "The daemon ends. Turns: {}, of which 99 % took at most {} ms, the longest {} ms.",
                    times.turns(), times.millisAtPercentile(99), times.maxMillis());
        } catch (InterruptedException e) {
            LOG.info("The daemon ends in the middle of its work; its journal has all that anyone was told.");
        } finally {
            closing.close();
            ended.countDown();
        }
    }

    public TurnTimes turnTimes() {
        return times;
    }

    /**
     * Ends the daemon on behalf of the operating system: workers and jobs go on, and wait for the next one. From any
     * thread; returns when all is closed.
     */
    public void terminate() {
        inbox.put(new Event.StopRequested(StopMode.KEEP_BLOCKS, Duration.ZERO));
        try {
            if (!ended.await(TERMINATE_SECONDS, TimeUnit.SECONDS)) {
                breakOff();
                ended.await(TERMINATE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As after {@code kill -9}, but with the files closed. */
    void breakOff() {
        thread.interrupt();
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }
}
