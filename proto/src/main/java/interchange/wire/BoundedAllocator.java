package interchange.wire;

import java.util.concurrent.atomic.LongAdder;
import zmq.Msg;
import zmq.msg.MsgAllocator;

/**
 * Makes the buffers that incoming messages are read into, and no longer ones than agreed.
 *
 * <p>A stranger announces a length before it has shown a key, and jeromq 0.6.0 lets a negative one (the top bit of
 * eight) pass its own limit: up to 2 GiB would be allocated for it, and an {@link OutOfMemoryError} ends the I/O
 * thread, for everyone. Whoever asks for too much gets an empty message here, which no handshake and no encrypted
 * stream accepts: its connection ends, and nothing else.
 */
public final class BoundedAllocator implements MsgAllocator {
    /** Small ones are always granted: a handshake takes less. */
    private static final int SMALL_BYTES = 4096;

    /** A longer one must fit so many times into what is left of the heap. */
    private static final int HEAP_SHARE = 32;

    private final long bytesMax;
    private final LongAdder refused = new LongAdder();

    /** @param bytesMax of one message on the wire, with its encryption */
    public BoundedAllocator(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    @Override
    public Msg allocate(int size) {
        if (size >= 0 && size <= bytesMax && (size <= SMALL_BYTES || size < heapLeft() / HEAP_SHARE)) {
            return new Msg(size);
        }
        refused.increment();
        return new Msg(0);
    }

    /** How many messages were too long. */
    public long refused() {
        return refused.sum();
    }

    private static long heapLeft() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }
}
