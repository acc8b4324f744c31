package interchange.daemon;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands its tasks, in order and one at a time, to an executor that refuses what is too much: neither is a task lost by
 * that, nor does it take the places of what others ask for. When the executor is shut down, what waits is dropped.
 */
final class PatientExecutor implements Executor {
    private static final long FULL_MILLIS = 1_000;

    private final ExecutorService executor;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean handedOver = new AtomicBoolean();

    PatientExecutor(ExecutorService executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        waiting.add(task);
        handOver();
    }

    private void handOver() {
        if (waiting.isEmpty() || !handedOver.compareAndSet(false, true)) {
            return;
        }
        try {
            executor.execute(this::next);
        } catch (RejectedExecutionException e) {
            handedOver.set(false);
            if (!executor.isShutdown()) {
                CompletableFuture.delayedExecutor(FULL_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(this::handOver);
            }
        }
    }

    private void next() {
        try {
            Optional.ofNullable(waiting.poll()).ifPresent(Runnable::run);
        } finally {
            handedOver.set(false);
            handOver();
        }
    }
}
