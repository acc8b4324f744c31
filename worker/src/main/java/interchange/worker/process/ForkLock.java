package interchange.worker.process;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Held while a process is started, a socket is opened, or a process is signalled or reaped. So no descriptor appears
 * between listing them and the spawn, and no signal reaches a process id that has been given to another process.
 */
public final class ForkLock {
    private final ReentrantLock lock = new ReentrantLock();

    /** For try-with-resources. */
    public Held hold() {
        lock.lock();
        return lock::unlock;
    }

    public interface Held extends AutoCloseable {
        @Override
        void close();
    }
}
