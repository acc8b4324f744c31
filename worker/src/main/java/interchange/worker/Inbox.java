package interchange.worker;

import interchange.worker.files.News;
import interchange.worker.process.Ended;
import interchange.worker.process.MemoryLook;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Where ends and the courier's news wait for the loop. Bounded by what the loop has started or asked for. */
final class Inbox {
    private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();
    private final Queue<News> news = new ConcurrentLinkedQueue<>();
    private final Queue<MemoryLook> memory = new ConcurrentLinkedQueue<>();
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

    void offer(News one) {
        news.add(one);
        wakeLoop();
    }

    /** Only the latest matters. */
    void offer(MemoryLook look) {
        memory.clear();
        memory.add(look);
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
        return ended.isEmpty() && news.isEmpty() && memory.isEmpty();
    }

    void awake() {
        loopSleeps.set(false);
    }

    Queue<Ended> ended() {
        return ended;
    }

    Queue<News> news() {
        return news;
    }

    Optional<MemoryLook> takeMemory() {
        return Optional.ofNullable(memory.poll());
    }
}
