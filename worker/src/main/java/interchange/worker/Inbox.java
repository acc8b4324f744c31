package interchange.worker;

import interchange.worker.process.Ended;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where ends wait for the loop. Bounded by the processes there are, which is bounded by what the loop has started. */
final class Inbox {
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean loopSleeps = new AtomicBoolean();
    private volatile Runnable wake = () -> {};

    /** @param how makes the loop's wait return; called from any thread */
    void wakeBy(Runnable how) {
        wake = how;
    }

    void offer(Ended end) {
        ended.add(end);
        wakeLoop();
    }

    void wakeLoop() {
        if (loopSleeps.getAndSet(false)) {
            wake.run();
        }
    }

    /** Before the loop waits; false when it should not. */
    boolean maySleep() {
        loopSleeps.set(true);
        return ended.isEmpty();
    }

    void awake() {
        loopSleeps.set(false);
    }

    Queue<Ended> ended() {
        return ended;
    }
}
