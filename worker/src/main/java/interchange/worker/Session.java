package interchange.worker;

import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.worker.process.Environment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What lasts from one Welcome to the next: its number, the count of its messages, and the environments sent in it. */
final class Session {
    /** What a message is to a session. */
    enum Receipt {
        NEXT,
        /** Of another session, or had already. */
        OLD,
        /** One before it was lost. */
        GAP
    }

    private final long id;
    private final long heartbeatNanos;
    private final Map<Long, Environment> environments = new HashMap<>();
    private long lastSequence;
    private long lastHeartbeat;

    Session(ToWorker message) {
        id = message.getSession();
        lastSequence = message.getSequence();
        Welcome welcome = message.getWelcome();
        heartbeatNanos = TimeUnit.MILLISECONDS.toNanos(Math.max(1, welcome.getHeartbeatMillis()));
    }

    Receipt receive(ToWorker message) {
        if (message.getSession() != id || message.getSequence() <= lastSequence) {
            return Receipt.OLD;
        }
        if (message.getSequence() > lastSequence + 1) {
            return Receipt.GAP;
        }
        lastSequence++;
        return Receipt.NEXT;
    }

    long id() {
        return id;
    }

    long heartbeatNanos() {
        return heartbeatNanos;
    }

    long nextHeartbeat() {
        return ++lastHeartbeat;
    }

    void learn(long environment, Map<String, String> variables) {
        environments.put(environment, new Environment(variables));
    }

    Optional<Environment> environment(long environment) {
        return Optional.ofNullable(environments.get(environment));
    }
}
