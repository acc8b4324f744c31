package interchange.worker.files;

import java.time.Duration;
import java.util.Optional;

/** A connection to the daemon's socket for files; its thread's, but for the waking. */
public interface Line extends AutoCloseable {
    /** False: the queue is full or the connection broken, and the message was not taken. */
    boolean send(byte[] message);

    Optional<byte[]> receive(Duration timeout);

    /** Makes a present or the next receive return; from any thread. */
    void wake();

    /** It has ended, and does not come back. */
    boolean broken();

    @Override
    void close();
}
