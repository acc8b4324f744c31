package interchange.wire;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.SelectorProvider;
import java.util.concurrent.atomic.AtomicBoolean;
import org.zeromq.ZMQ;

/**
 * Where a thread waits for sockets of jeromq, and is woken by others. It does with one system call what jeromq's own
 * poller does with three or four, which at short jobs is most of what a message costs.
 *
 * <p>A socket's descriptor only says that its state may have changed since it was last read in vain. So whoever waits
 * must have read every socket until nothing came, and sent nothing after that; and having waited, must read them all.
 */
public final class Waiter implements AutoCloseable {
    private final Selector selector;
    private final AtomicBoolean woken = new AtomicBoolean();

    public Waiter(SelectorProvider channels) throws IOException {
        selector = channels.openSelector();
    }

    public void watch(ZMQ.Socket socket) throws ClosedChannelException {
        socket.getFD().register(selector, SelectionKey.OP_READ);
    }

    /** Ends a present or the next wait; from any thread. Many of them are one, and cost one system call. */
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    /** Returns when a socket may have something, when woken, after the time, or for no reason. */
    public void await(long millis) throws IOException {
        if (millis <= 0) {
            selector.selectNow();
        } else {
            selector.select(millis);
        }
        selector.selectedKeys().clear();
    }

    /** Whether it was woken since the last call; to be called before looking for what it was woken for. */
    public boolean wasWoken() {
        return woken.getAndSet(false);
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
