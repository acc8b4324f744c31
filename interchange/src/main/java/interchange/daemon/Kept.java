package interchange.daemon;

import interchange.core.Event;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/** What arrives while the journal can't be written, for when it can. Owned by the conductor's thread. */
final class Kept {
    /** Beyond it, what comes again anyway is not kept. */
    static final int REPEATED_MAX = 100_000;

    /** The last one of each session: a worker that was answered lives on its lease from then, and the scheduler must know. */
    private final Map<Long, Item> heartbeats = new LinkedHashMap<>();

    /** What is repeated is kept once. */
    private final SequencedSet<Item> items = new LinkedHashSet<>();

    void add(Event event) {
        Item item = new Item.Happened(event);
        if (event instanceof Event.HeartbeatHeard heard) {
            heartbeats.put(heard.session(), item);
        } else if (!comesAgain(event) || items.size() < REPEATED_MAX) {
            items.add(item);
        }
    }

    /** The few threads behind stages and chores wait for them, so they are as few. */
    void add(Item item) {
        items.add(item);
    }

    /** Heartbeats first, so that no timer sees a worker as silent that was heard; the rest as it came. */
    List<Item> items() {
        List<Item> all = new ArrayList<>(heartbeats.values());
        all.addAll(items);
        return all;
    }

    /**
     * Whether its worker repeats it until it is answered, or something that is repeated tells as much. Of all others
     * there are few at a time, since they follow from what we asked for.
     */
    private static boolean comesAgain(Event event) {
        return switch (event) {
            case Event.WorkerHello _, Event.AttemptStarted _, Event.AttemptFinished _, Event.HeartbeatHeard _ -> true;
            case Event.SiteAdded _,
                    Event.RunSubmitted _,
                    Event.RunCancelled _,
                    Event.RunRestarted _,
                    Event.WorkflowBrought _,
                    Event.WorkflowNotBrought _,
                    Event.AttemptRetracted _,
                    Event.WorkerLeaving _,
                    Event.WorkerSaidGoodbye _,
                    Event.BlockSubmitted _,
                    Event.BlockRefused _,
                    Event.BlocksPolled _,
                    Event.PollFailed _,
                    Event.SiteResumed _,
                    Event.StopRequested _,
                    Event.Tick _,
                    Event.Stalled _,
                    Event.Continue _ -> false;
        };
    }
}
