package interchange.broker;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.ToWorker;
import interchange.wire.BatchScheduling;
import interchange.wire.Waiter;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;

/** The two sockets, and the one thread that moves messages between them and the daemon. */
public final class ZmqBroker implements Broker {
    private static final Logger LOG = LoggerFactory.getLogger(ZmqBroker.class);

    private static final String WORKER = "worker";
    private static final String CLIENT = "client";

    /** So many messages are read or written before the other direction gets its turn. */
    private static final int BATCH_MAX = 256;

    /** Messages that wait for one peer: thousands of tasks or results, but all of them small. */
    private static final int SEND_HIGH_WATER = 10_000;

    private static final int LINGER_MILLIS = 1_000;
    private static final long SWEEP_MILLIS = 500;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    /** How many handshakes (20 ms each) a crowd of workers may have to wait for. */
    private static final Duration STRANGER_PATIENCE = Duration.ofSeconds(60);

    private final ZContext context;
    private final KeyGuard guard;
    private final PeerSocket workers;
    private final PeerSocket clients;
    private final Waiter waiter;
    private final Receiver receiver;
    private final Consumer<Throwable> onFailure;
    private final Outbox outbox = new Outbox();
    private final AtomicLong unparsable = new AtomicLong();
    private final AtomicLong undeliverable = new AtomicLong();
    private final AtomicBoolean failed = new AtomicBoolean();
    private final Thread thread;
    private volatile boolean closing;

    /**
     * Where to listen.
     *
     * @param host an address of this machine, or * for all
     * @param workerPort taken when it is free, as after a restart; 0: any
     * @param controlPort likewise
     * @param strangerPatience how long a connection may take to show a known key
     */
    public record Settings(String host, int workerPort, int controlPort, Duration strangerPatience) {
        public static Settings of(String host, int workerPort, int controlPort) {
            return new Settings(host, workerPort, controlPort, STRANGER_PATIENCE);
        }
    }

    /**
     * Listens, and reads from now on.
     *
     * @param onFailure told once, on any thread, when the broker can't go on; the daemon had better start anew
     */
    public static ZmqBroker open(Settings settings, KeyStore keys, Receiver receiver, Consumer<Throwable> onFailure)
            throws IOException {
        ZmqBroker broker = new ZmqBroker(settings, keys, receiver, onFailure);
        try {
            broker.workers.bind(settings.host(), settings.workerPort());
            broker.clients.bind(settings.host(), settings.controlPort());
        } catch (IOException | RuntimeException e) {
            broker.release();
            throw e;
        }
        broker.thread.start();
        return broker;
    }

    private ZmqBroker(Settings settings, KeyStore keys, Receiver receiver, Consumer<Throwable> onFailure)
            throws IOException {
        this.receiver = receiver;
        this.onFailure = onFailure;
        waiter = new Waiter(SelectorProvider.provider());
        context = new ZContext(1);
        BatchScheduling.apply(context);
        // The context's, because it sets its own upon the sockets that it closes.
        context.setLinger(LINGER_MILLIS);
        context.setUncaughtExceptionHandler((ioThread, thrown) -> fail(thrown));
        context.setNotificationExceptionHandler((ioThread, thrown) -> LOG.debug("a connection failed", thrown));
        guard = new KeyGuard(
                context,
                Map.of(WORKER, keys.worker().publicKey(), CLIENT, keys.client().publicKey()));
        workers = new PeerSocket(context, WORKER, keys.server(), settings.strangerPatience(), SEND_HIGH_WATER);
        clients = new PeerSocket(context, CLIENT, keys.server(), settings.strangerPatience(), SEND_HIGH_WATER);
        waiter.watch(guard.socket());
        waiter.watch(workers.socket());
        waiter.watch(clients.socket());
        thread = Thread.ofPlatform().name("broker").daemon().unstarted(this::run);
    }

    @Override
    public void send(long link, ToWorker message) {
        offer(new Outbox.Outgoing(workers, link, message));
    }

    @Override
    public void send(long link, Response message) {
        offer(new Outbox.Outgoing(clients, link, message));
    }

    @Override
    public int workerPort() {
        return workers.port();
    }

    @Override
    public int controlPort() {
        return clients.port();
    }

    @Override
    public Counters counters() {
        return new Counters(
                unparsable.get() + workers.unreadable() + clients.unreadable(),
                workers.gate().refused() + clients.gate().refused(),
                undeliverable.get());
    }

    /** Sends what waits, for at most about a second, and closes. */
    @Override
    public void close() {
        closing = true;
        waiter.wake();
        try {
            if (!thread.join(CLOSE_PATIENCE)) {
                LOG.warn("the broker's receiver is stuck; its sockets are left to the end of the process");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void offer(Outbox.Outgoing outgoing) {
        if (outbox.offer(outgoing)) {
            waiter.wake();
        } else {
            undeliverable.incrementAndGet();
        }
    }

    private void run() {
        BatchScheduling.adopt();
        try {
            while (!closing) {
                turn();
            }
            while (write()) {
                LOG.debug("sending the last messages");
            }
        } catch (Throwable thrown) {
            fail(thrown);
        } finally {
            release();
        }
    }

    private void turn() throws IOException {
        waiter.await(SWEEP_MILLIS);
        waiter.wasWoken();
        // Until one round finds nothing at all, as the waiter asks: what is sent may hide what has come.
        boolean any;
        do {
            any = guard.answer() | read() | write();
        } while (any && !closing);
        // Now that everything is read: a connection whose message only waited is no stranger.
        long now = System.nanoTime();
        workers.gate().sweep(now);
        clients.gate().sweep(now);
    }

    /** Whether anything was there. */
    private boolean read() {
        for (int count = 0; count < BATCH_MAX; count++) {
            Optional<PeerSocket.Incoming> fromWorker = workers.poll();
            Optional<PeerSocket.Incoming> fromClient = clients.poll();
            fromWorker.ifPresent(this::onWorkerMessage);
            fromClient.ifPresent(this::onClientMessage);
            if (fromWorker.isEmpty() && fromClient.isEmpty()) {
                return count > 0;
            }
        }
        return true;
    }

    private void onWorkerMessage(PeerSocket.Incoming incoming) {
        FromWorker message;
        try {
            message = FromWorker.parseFrom(incoming.message());
        } catch (InvalidProtocolBufferException e) {
            unparsable.incrementAndGet();
            return;
        }
        if (!Soundness.isSound(message)) {
            unparsable.incrementAndGet();
            return;
        }
        receiver.fromWorker(incoming.link(), message);
    }

    private void onClientMessage(PeerSocket.Incoming incoming) {
        Request message;
        try {
            message = Request.parseFrom(incoming.message());
        } catch (InvalidProtocolBufferException e) {
            unparsable.incrementAndGet();
            return;
        }
        receiver.fromClient(incoming.link(), message);
    }

    /** Whether anything was there. */
    private boolean write() {
        for (int count = 0; count < BATCH_MAX; count++) {
            Optional<Outbox.Outgoing> next = outbox.poll();
            if (next.isEmpty()) {
                return count > 0;
            }
            MessageLite message = next.get().message();
            if (!next.get().socket().send(next.get().link(), message.toByteArray())) {
                undeliverable.incrementAndGet();
            }
        }
        return true;
    }

    private void fail(Throwable thrown) {
        if (failed.compareAndSet(false, true)) {
            LOG.error("the broker can't go on", thrown);
            onFailure.accept(thrown);
        }
    }

    /** The guard last: jeromq lets everyone in when there is none. */
    private void release() {
        workers.close();
        clients.close();
        guard.close();
        context.close();
        try {
            waiter.close();
        } catch (IOException e) {
            LOG.debug("closing the waiter", e);
        }
    }
}
