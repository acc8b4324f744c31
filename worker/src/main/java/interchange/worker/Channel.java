package interchange.worker;

import java.time.Duration;
import java.util.Optional;

/** A connection to the daemon, as the loop needs it: {@link interchange.wire.Link}, or a daemon in memory in tests. */
interface Channel extends AutoCloseable {
    /** False: the queue is full, and the message was not taken. */
    boolean send(byte[] message);

    Optional<byte[]> receive(Duration timeout);

    /** Makes a present or the next receive return; from any thread. */
    void wake();

    /** It has ended, and does not come back. */
    boolean broken();

    @Override
    void close();
}
