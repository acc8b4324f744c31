package interchange.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.Goodbye;
import interchange.proto.worker.Heartbeat;
import interchange.proto.worker.Hello;
import interchange.proto.worker.Leaving;
import interchange.proto.worker.Reports;
import interchange.proto.worker.ToWorker;
import interchange.wire.Redialling;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to the daemon with all that may befall it: dialling with patience, the Hello, the session, heartbeats,
 * silence and gaps. Whatever is wrong, the remedy is a new connection and a new Hello. The loop's, but for the waking.
 */
final class Uplink {
    private static final Logger LOG = LoggerFactory.getLogger(Uplink.class);
    /** When all workers of a large site come back at once, the last waits long for its handshake; but rarely. */
    private static final Duration DIAL_TIMEOUT_MAX = Duration.ofSeconds(60);

    private static final Duration DIAL_TIMEOUT_MIN = Duration.ofSeconds(5);

    private static final long WELCOME_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SILENT_HEARTBEATS_MAX = 3;
    private static final Duration PAUSE_MIN = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    private final Dialer dialer;
    private final LongFunction<Hello> hello;
    private final Outbox outbox;
    private final Lease lease;
    private final Redialling redialling;
    private final Semaphore woken = new Semaphore(0);

    private volatile Optional<Channel> channel = Optional.empty();
    private Optional<Dialling> dialling = Optional.empty();
    private Optional<Session> session = Optional.empty();
    private long redialNanos = Long.MIN_VALUE;
    private long helloSentNanos;
    private long heardNanos;
    private long nextHeartbeatNanos;
    private String lastTrouble = "";

    /** @param hello everything this worker is and holds, at the time given */
    Uplink(Dialer dialer, LongFunction<Hello> hello, Outbox outbox, Lease lease, RandomGenerator random) {
        this.dialer = dialer;
        this.hello = hello;
        this.outbox = outbox;
        this.lease = lease;
        this.redialling = new Redialling(DIAL_TIMEOUT_MIN, DIAL_TIMEOUT_MAX, PAUSE_MIN, PAUSE_MAX, random);
    }

    /** From any thread. */
    void wake() {
        channel.ifPresentOrElse(Channel::wake, woken::release);
    }

    boolean isUp() {
        return session.isPresent();
    }

    /** Of what the session is made of; empty between sessions. */
    Optional<Session> session() {
        return session;
    }

    /** Does what is due: dials, gives up on silence, sends heartbeats and reports. */
    void keepUp(long now) {
        if (channel.isEmpty()) {
            connect(now);
        } else if (channel.get().broken()) {
            drop("the connection broke", now);
        } else if (session.isEmpty()) {
            if (now - helloSentNanos >= WELCOME_PATIENCE_NANOS) {
                drop("no Welcome within " + TimeUnit.NANOSECONDS.toSeconds(WELCOME_PATIENCE_NANOS) + " s", now);
            }
        } else {
            keepSession(session.get(), now);
        }
    }

    private void connect(long now) {
        if (dialling.isEmpty() && now >= redialNanos) {
            dialling = Optional.of(Dialling.start(dialer, redialling.timeout(), woken::release));
        }
        Optional<Dialling.Result> result = dialling.flatMap(Dialling::result);
        if (result.isEmpty()) {
            return;
        }
        dialling = Optional.empty();
        switch (result.get()) {
            case Dialling.Connected(Channel opened) -> greet(opened, now);
            case Dialling.Failed(String why) -> drop(why, now);
        }
    }

    private void greet(Channel opened, long now) {
        channel = Optional.of(opened);
        helloSentNanos = now;
        if (!send(FromWorker.newBuilder().setHello(hello.apply(now)))) {
            drop("the Hello could not be sent", now);
        }
    }

    private void keepSession(Session present, long now) {
        if (now - heardNanos >= SILENT_HEARTBEATS_MAX * present.heartbeatNanos()) {
            drop("nothing heard for " + SILENT_HEARTBEATS_MAX + " heartbeats", now);
            return;
        }
        if (now >= nextHeartbeatNanos) {
            sendHeartbeat(present, now);
            outbox.repeatThoseBefore(now - 2 * present.heartbeatNanos(), now);
        }
        if (now >= outbox.dueNanos()) {
            sendReports(now);
        }
    }

    private void sendHeartbeat(Session present, long now) {
        long number = present.nextHeartbeat();
        nextHeartbeatNanos = now + present.heartbeatNanos();
        if (send(inSession().setHeartbeat(Heartbeat.newBuilder().setNumber(number)))) {
            lease.heartbeatSent(number, now);
        }
    }

    /** A message that a full queue didn't take is made up for: ends are repeated, and retractions by a new Hello. */
    private void sendReports(long now) {
        for (Reports reports : outbox.take(now)) {
            if (!send(inSession().setReports(reports))) {
                drop("the queue to the daemon is full", now);
                return;
            }
        }
    }

    void sayLeaving() {
        if (isUp()) {
            send(inSession().setLeaving(Leaving.getDefaultInstance()));
        }
    }

    void sayGoodbye(String reason) {
        if (isUp()) {
            send(inSession().setGoodbye(Goodbye.newBuilder().setReason(reason)));
        }
    }

    private FromWorker.Builder inSession() {
        return FromWorker.newBuilder().setSession(session.map(Session::id).orElse(0L));
    }

    private boolean send(FromWorker.Builder message) {
        return channel.map(open -> open.send(message.build().toByteArray())).orElse(false);
    }

    /** Waits for a message until then, or until woken. */
    Optional<ToWorker> receive(long waitNanos) {
        Duration wait = Duration.ofNanos(Math.max(0, waitNanos));
        if (channel.isPresent()) {
            return channel.get().receive(wait).flatMap(Uplink::parse);
        }
        waitForWake(wait);
        return Optional.empty();
    }

    private void waitForWake(Duration wait) {
        try {
            if (woken.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                woken.drainPermits();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the loop", e);
        }
    }

    private static Optional<ToWorker> parse(byte[] message) {
        try {
            return Optional.of(ToWorker.parseFrom(message));
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("dropped an unreadable message of {} bytes", message.length);
            return Optional.empty();
        }
    }

    /** Whether the message is to be acted on; one that shows a gap ends the session. */
    boolean admit(ToWorker message, long now) {
        heardNanos = now;
        if (session.isEmpty()) {
            return message.hasWelcome() || message.hasRefused();
        }
        if (message.hasRefused()) {
            return message.getSession() == 0
                    || message.getSession() == session.get().id();
        }
        return switch (session.get().receive(message)) {
            case NEXT -> true;
            case OLD -> false;
            case GAP -> {
                drop("a message of the daemon was lost", now);
                yield false;
            }
        };
    }

    void onWelcome(ToWorker message, long now) {
        var fresh = new Session(message);
        session = Optional.of(fresh);
        redialling.reset();
        lastTrouble = "";
        lease.grant(TimeUnit.MILLISECONDS.toNanos(message.getWelcome().getLeaseMillis()), helloSentNanos);
        nextHeartbeatNanos = now + fresh.heartbeatNanos();
        LOG.info("connected, session {}", fresh.id());
    }

    void onHeartbeatAck(long number) {
        lease.acknowledged(number);
    }

    /** There is no time for patience; unless there is a connection already. */
    void redialAtOnce() {
        redialNanos = Long.MIN_VALUE;
        redialling.reset();
    }

    /** Closes the connection; the next is tried after a while that grows and is never the same for two workers. */
    void drop(String why, long now) {
        dropFor(why, 0, now);
    }

    /** @param pauseNanos what the daemon asks for at least */
    void dropFor(String why, long pauseNanos, long now) {
        if (!why.equals(lastTrouble)) {
            LOG.warn("no connection to the daemon: {}", why);
            lastTrouble = why;
        }
        redialNanos = now + redialling.pauseNanos(pauseNanos);
        close();
    }

    void close() {
        Optional<Channel> open = channel;
        channel = Optional.empty();
        session = Optional.empty();
        open.ifPresent(Channel::close);
    }

    long nextDueNanos() {
        if (channel.isEmpty()) {
            return dialling.isPresent() ? Long.MAX_VALUE : redialNanos;
        }
        if (session.isEmpty()) {
            return helloSentNanos + WELCOME_PATIENCE_NANOS;
        }
        long silent = heardNanos + SILENT_HEARTBEATS_MAX * session.get().heartbeatNanos();
        return Math.min(Math.min(silent, nextHeartbeatNanos), outbox.dueNanos());
    }
}
