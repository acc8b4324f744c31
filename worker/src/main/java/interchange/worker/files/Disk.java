package interchange.worker.files;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A thread for what a disk may take long for; its results come back to the courier's. */
final class Disk {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("disk").factory());
    private final Consumer<Runnable> home;

    /** Something that a disk does. */
    interface Work<T> {
        T get() throws IOException;
    }

    /** @param home runs something on the courier's thread */
    Disk(Consumer<Runnable> home) {
        this.home = home;
    }

    <T> void run(Work<T> work, Consumer<T> done, Consumer<IOException> failed) {
        thread.execute(() -> {
            try {
                T result = work.get();
                home.accept(() -> done.accept(result));
            } catch (IOException e) {
                home.accept(() -> failed.accept(e));
            }
        });
    }

    /** Something whose result is of no interest. */
    void run(Runnable work) {
        thread.execute(work);
    }

    void close() {
        thread.shutdownNow();
    }
}
