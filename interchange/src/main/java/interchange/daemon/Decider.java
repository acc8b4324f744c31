package interchange.daemon;

import interchange.core.Decisions;
import interchange.core.Event;
import interchange.core.Now;

/** What the conductor needs of the scheduler. Owned by the conductor's thread. */
public interface Decider {
    Decisions apply(Event event, Now now);

    /** Whether it has work of its own left, to be gone on with by {@link Event.Continue}. */
    boolean hasMore();
}
