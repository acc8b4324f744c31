package interchange.daemon;

import interchange.core.AttemptId;
import interchange.core.Effect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts together what the events of one turn start at, and acknowledge to, the same session: one message, and one reading
 * of commands, for all of them instead of one for each. What else a turn does keeps its place: before it comes everything
 * that was decided before it.
 */
final class Bundles {
    private final List<Effect> bundled = new ArrayList<>();
    private final Map<Long, List<AttemptId>> acknowledged = new LinkedHashMap<>();
    private final Map<Long, List<AttemptId>> started = new LinkedHashMap<>();

    private Bundles() {}

    static List<Effect> of(List<Effect> effects) {
        if (effects.size() < 2) {
            return effects;
        }
        Bundles bundles = new Bundles();
        effects.forEach(bundles::add);
        bundles.close();
        return bundles.bundled;
    }

    private void add(Effect effect) {
        switch (effect) {
            case Effect.Start e ->
                started.computeIfAbsent(e.session(), _ -> new ArrayList<>()).addAll(e.attempts());
            case Effect.Acknowledge e ->
                acknowledged
                        .computeIfAbsent(e.session(), _ -> new ArrayList<>())
                        .addAll(e.attempts());
            // The commonest of the others, and in no order with these.
            case Effect.AnswerHeartbeat e -> bundled.add(e);
            case Effect.Welcome _,
                    Effect.Refuse _,
                    Effect.Retract _,
                    Effect.Kill _,
                    Effect.DrainWorker _,
                    Effect.ShutDownWorker _,
                    Effect.ForgetSession _,
                    Effect.SubmitBlock _,
                    Effect.CancelBlocks _,
                    Effect.PollBlocks _,
                    Effect.TakeIn _,
                    Effect.RunEnded _,
                    Effect.Notice _,
                    Effect.Stop _ -> {
                close();
                bundled.add(effect);
            }
        }
    }

    private void close() {
        acknowledged.forEach((session, attempts) -> bundled.add(new Effect.Acknowledge(session, attempts)));
        started.forEach((session, attempts) -> bundled.add(new Effect.Start(session, attempts)));
        acknowledged.clear();
        started.clear();
    }
}
