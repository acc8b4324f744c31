package interchange.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends the wait of a thread that polls sockets; from any thread. As long as one call is unseen, further ones cost no
 * system call.
 */
public final class Waker implements AutoCloseable {
    private final Pipe pipe;
    private final AtomicBoolean pending = new AtomicBoolean();

    public Waker(SelectorProvider channels) throws IOException {
        pipe = channels.openPipe();
        pipe.source().configureBlocking(false);
        pipe.sink().configureBlocking(false);
    }

    /** What the waiting thread polls for reading. */
    public SelectableChannel channel() {
        return pipe.source();
    }

    public void wake() {
        if (pending.compareAndSet(false, true)) {
            try {
                pipe.sink().write(ByteBuffer.wrap(new byte[1]));
            } catch (IOException e) {
                // Closed meanwhile: nobody waits any more. An open pipe that holds at most one byte does not fail.
                pending.set(false);
            }
        }
    }

    /** To be called by the woken thread before it looks for what it was woken for. */
    public void reset() throws IOException {
        pipe.source().read(ByteBuffer.allocate(1));
        // Last: a call before this line is seen by the look that follows, one after it writes anew.
        pending.set(false);
    }

    @Override
    public void close() throws IOException {
        pipe.sink().close();
        pipe.source().close();
    }
}
