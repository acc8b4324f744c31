package interchange.broker;

import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.files.FromFiles;
import interchange.proto.files.ToFiles;
import interchange.wire.BatchScheduling;
import interchange.wire.Waiter;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;

/**
 * The encrypted socket by which files of jobs travel, with an I/O thread and a thread of its own: bulk never holds up
 * control. Whoever has the workers' key may speak here.
 */
public final class FilesSocket implements FilesLoop, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FilesSocket.class);

    private static final String FILES = "files";

    /** So many messages are read before what was posted gets its turn. */
    private static final int BATCH_MAX = 64;

    /**
     * Messages that wait for one peer. Enough answers for all that a worker of many cores asks at once; and pieces, of which
     * at most 64 wait for whoever reads them, take no more than 256 MiB with one that asks on and never reads.
     */
    private static final int SEND_HIGH_WATER = 1_024;

    private static final int LINGER_MILLIS = 1_000;
    private static final long TICK_MILLIS = 500;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);
    private static final Duration STRANGER_PATIENCE = Duration.ofSeconds(60);

    private final ZContext context;
    private final KeyGuard guard;
    private final PeerSocket peers;
    private final Waiter waiter;
    private final Consumer<Throwable> onFailure;
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final AtomicLong unreadable = new AtomicLong();
    private final AtomicBoolean failed = new AtomicBoolean();
    private volatile Optional<Thread> thread = Optional.empty();
    private volatile boolean closing;
    /** The socket's thread's. */
    private long nextTickNanos = System.nanoTime();

    /** What is done with messages; all of it on the socket's thread. */
    public interface Receiver {
        void receive(long link, ToFiles message);

        /** Now and then, however much there is to read. */
        void tick(long nowNanos);
    }

    /**
     * Listens; nothing is read before {@link #start}.
     *
     * @param port taken when it is free; 0: any
     * @param onFailure told once, on any thread, when it can't go on; the daemon had better start anew
     */
    public static FilesSocket open(String host, int port, KeyStore keys, Consumer<Throwable> onFailure)
            throws IOException {
        FilesSocket socket = new FilesSocket(keys, onFailure);
        try {
            socket.peers.bind(host, port);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.release();
            throw e;
        }
    }

    private FilesSocket(KeyStore keys, Consumer<Throwable> onFailure) throws IOException {
        this.onFailure = onFailure;
        waiter = new Waiter(SelectorProvider.provider());
        context = new ZContext(1);
        BatchScheduling.apply(context);
        context.setLinger(LINGER_MILLIS);
        context.setUncaughtExceptionHandler((ioThread, thrown) -> fail(thrown));
        context.setNotificationExceptionHandler((ioThread, thrown) -> LOG.debug("a connection failed", thrown));
        guard = new KeyGuard(context, Map.of(FILES, keys.worker().publicKey()));
        peers = new PeerSocket(context, FILES, keys.server(), STRANGER_PATIENCE, SEND_HIGH_WATER);
        waiter.watch(guard.socket());
        waiter.watch(peers.socket());
    }

    /** Reads from now on. */
    public void start(Receiver receiver) {
        thread = Optional.of(Thread.ofPlatform().name(FILES).daemon().start(() -> run(receiver)));
    }

    public int port() {
        return peers.port();
    }

    /** What was thrown away since the start: unreadable messages and handshakes without a known key. */
    public Broker.Counters counters() {
        return new Broker.Counters(
                unreadable.get() + peers.unreadable(), peers.gate().refused(), 0);
    }

    @Override
    public void unsound() {
        unreadable.incrementAndGet();
    }

    @Override
    public boolean send(long link, FromFiles message) {
        return peers.send(link, message.toByteArray());
    }

    @Override
    public void post(Runnable work) {
        posted.add(work);
        waiter.wake();
    }

    @Override
    public void close() {
        closing = true;
        waiter.wake();
        try {
            if (thread.isEmpty()) {
                release();
            } else if (!thread.get().join(CLOSE_PATIENCE)) {
                LOG.warn("the thread of files is stuck, in a disk perhaps; it is left to the end of the process");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(Receiver receiver) {
        BatchScheduling.adopt();
        try {
            while (!closing) {
                turn(receiver);
            }
        } catch (Throwable thrown) {
            fail(thrown);
        } finally {
            release();
        }
    }

    private void turn(Receiver receiver) throws IOException {
        waiter.await(TICK_MILLIS);
        waiter.wasWoken();
        boolean any;
        do {
            any = guard.answer() | doPosted() | read(receiver) | tick(receiver);
        } while (any && !closing);
    }

    /** Among the rest and not after it: what it sends wants another look before the next wait, and a flood has no end. */
    private boolean tick(Receiver receiver) {
        long now = System.nanoTime();
        if (now - nextTickNanos < 0) {
            return false;
        }
        nextTickNanos = now + TICK_NANOS;
        peers.gate().sweep(now);
        receiver.tick(now);
        return true;
    }

    private boolean doPosted() {
        boolean any = false;
        for (Runnable work = posted.poll(); work != null; work = posted.poll()) {
            work.run();
            any = true;
        }
        return any;
    }

    private boolean read(Receiver receiver) {
        for (int count = 0; count < BATCH_MAX; count++) {
            Optional<PeerSocket.Incoming> incoming = peers.poll();
            if (incoming.isEmpty()) {
                return count > 0;
            }
            receive(incoming.get(), receiver);
        }
        return true;
    }

    private void receive(PeerSocket.Incoming incoming, Receiver receiver) {
        ToFiles message;
        try {
            message = ToFiles.parseFrom(incoming.message());
        } catch (InvalidProtocolBufferException e) {
            unreadable.incrementAndGet();
            return;
        }
        receiver.receive(incoming.link(), message);
    }

    @Override
    public void fail(Throwable thrown) {
        if (failed.compareAndSet(false, true)) {
            LOG.error("the socket of files can't go on", thrown);
            onFailure.accept(thrown);
        }
    }

    /** The guard last: jeromq lets everyone in when there is none. */
    private void release() {
        peers.close();
        guard.close();
        context.close();
        try {
            waiter.close();
        } catch (IOException e) {
            LOG.debug("closing the waiter", e);
        }
    }
}
