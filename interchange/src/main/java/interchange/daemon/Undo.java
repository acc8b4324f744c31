package interchange.daemon;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been begun, to be ended in the opposite order. */
final class Undo implements Daemon.Closing {
    /** Tasks that may wait for one thread; whoever asks for more is refused. */
    private static final int WAITING_MAX = 1_000;

    private static final long THREAD_END_SECONDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    private final Deque<Step> steps = new ArrayDeque<>();

    /** One thing to end. */
    interface Step {
        void end() throws Exception;
    }

    void add(Step step) {
        steps.push(step);
    }

    /** One thread with a bounded queue. */
    ExecutorService executor(String name) {
        ExecutorService executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().daemon().name(name).factory());
        add(() -> {
            executor.shutdownNow();
            if (!executor.awaitTermination(THREAD_END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Thread {} does not end.", name);
            }
        });
        return executor;
    }

    @Override
    public void close() {
        // An interrupt has done its work when this is reached, and would break off what is ended here.
        boolean interrupted = Thread.interrupted();
        while (!steps.isEmpty()) {
            try {
                steps.pop().end();
            } catch (Exception e) {
                LOG.warn("Something could not be ended in order.", e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
