package interchange.daemon;

import interchange.broker.Broker;
import interchange.proto.worker.ToWorker;
import interchange.site.SiteConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The sessions of connected workers, and the way to each. Owned by the conductor's thread. */
final class Sessions {
    private final Broker broker;
    private final Map<Long, Session> byNumber = new HashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    Sessions(Broker broker) {
        this.broker = broker;
    }

    void open(long number, long link, SiteConfig.Logs logs) {
        byNumber.put(number, new Session(number, link, logs));
        count.set(byNumber.size());
    }

    void forget(long number) {
        byNumber.remove(number);
        count.set(byNumber.size());
    }

    /** May be asked from any thread. */
    int count() {
        return count.get();
    }

    Optional<Session> find(long number) {
        return Optional.ofNullable(byNumber.get(number));
    }

    /** What is for a session that is gone is dropped: its worker says Hello again and is told what holds. */
    void send(long number, ToWorker.Builder message) {
        find(number).ifPresent(session -> send(session, message));
    }

    void send(Session session, ToWorker.Builder message) {
        broker.send(
                session.link(),
                message.setSession(session.number())
                        .setSequence(session.nextSequence())
                        .build());
    }

    /** For someone who has no session. */
    void sendOutside(long link, ToWorker.Builder message) {
        broker.send(link, message.build());
    }
}
