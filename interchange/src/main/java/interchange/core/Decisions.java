package interchange.core;

import java.util.List;

/** What one event led to: first everything durable, then what is done outside. */
public record Decisions(List<Change> changes, List<Effect> effects) {
    public Decisions {
        changes = List.copyOf(changes);
        effects = List.copyOf(effects);
    }
}
