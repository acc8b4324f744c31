package interchange.daemon;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** What holds the daemon up just now, for whoever pings it. May be used from any thread. */
public final class Troubles {
    private final Map<Kind, String> present = new ConcurrentSkipListMap<>();

    /** At most one trouble of each kind is shown. */
    enum Kind {
        BROUGHT,
        ENVIRONMENT,
        FILES,
        JOURNAL,
        OWNER,
        STOPPING
    }

    void begin(Kind kind, String text) {
        present.put(kind, text);
    }

    void end(Kind kind) {
        present.remove(kind);
    }

    Optional<String> present(Kind kind) {
        return Optional.ofNullable(present.get(kind));
    }

    public List<String> present() {
        return List.copyOf(present.values());
    }
}
