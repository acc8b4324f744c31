package interchange.worker;

import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.worker.process.Environment;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /** More than the runs that a site works on at a time; a worker may stand for weeks. */
    static final int ENVIRONMENTS_MAX = 64;

    private final long id;
    private final long heartbeatNanos;
    /** The one that was used least recently comes first. */
    private final LinkedHashMap<Long, Environment> environments = new LinkedHashMap<>(16, 0.75f, true);

    private final Set<Long> forgotten = new HashSet<>();
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
        forgotten.remove(environment);
    }

    /** Between messages, so that all of one message can be run. The daemon thinks that we still have them. */
    void forgetOldEnvironments() {
        while (environments.size() > ENVIRONMENTS_MAX) {
            forgotten.add(environments.pollFirstEntry().getKey());
        }
    }

    boolean hasForgotten(long environment) {
        return forgotten.contains(environment);
    }

    Optional<Environment> environment(long environment) {
        return Optional.ofNullable(environments.get(environment));
    }
}
