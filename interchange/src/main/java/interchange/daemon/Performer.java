package interchange.daemon;

import interchange.core.Effect;
import java.util.List;

/** Does outside what was decided and is durable. Called on the conductor's thread, and never waits. */
public interface Performer {
    void perform(List<Effect> effects);
}
