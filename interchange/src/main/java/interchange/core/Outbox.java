package interchange.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects what one event leads to. What goes to one session of a kind is put together. */
final class Outbox {
    @Fleeting
    private final List<Change> changes = new ArrayList<>();

    @Fleeting
    private final List<Effect> effects = new ArrayList<>();

    @Fleeting
    private final Map<Long, List<AttemptId>> acknowledged = new LinkedHashMap<>();

    @Fleeting
    private final Map<Long, List<AttemptId>> started = new LinkedHashMap<>();

    @Fleeting
    private final Map<Long, List<AttemptId>> killed = new LinkedHashMap<>();

    @Fleeting
    private final Map<Long, List<AttemptId>> retracted = new LinkedHashMap<>();

    void write(Change change) {
        changes.add(change);
    }

    void perform(Effect effect) {
        effects.add(effect);
    }

    void acknowledge(long session, AttemptId attempt) {
        acknowledged.computeIfAbsent(session, s -> new ArrayList<>()).add(attempt);
    }

    void start(Worker worker, AttemptId attempt) {
        started.computeIfAbsent(worker.session, s -> new ArrayList<>()).add(attempt);
    }

    void kill(Worker worker, AttemptId attempt) {
        killed.computeIfAbsent(worker.session, s -> new ArrayList<>()).add(attempt);
    }

    void retract(Worker worker, AttemptId attempt) {
        retracted.computeIfAbsent(worker.session, s -> new ArrayList<>()).add(attempt);
    }

    /** Everything collected since the last time. Welcomes come before what else is sent to their session. */
    Decisions drain() {
        acknowledged.forEach((session, attempts) -> effects.add(new Effect.Acknowledge(session, attempts)));
        killed.forEach((session, attempts) -> effects.add(new Effect.Kill(session, attempts)));
        retracted.forEach((session, attempts) -> effects.add(new Effect.Retract(session, attempts)));
        started.forEach((session, attempts) -> effects.add(new Effect.Start(session, attempts)));
        Decisions decisions = new Decisions(changes, effects);
        changes.clear();
        effects.clear();
        acknowledged.clear();
        killed.clear();
        retracted.clear();
        started.clear();
        return decisions;
    }
}
