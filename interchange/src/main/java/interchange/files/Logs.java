package interchange.files;

import interchange.core.AttemptId;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Remembers whose log is in its place. The journal can only guess, since an attempt may have brought its log and then be
 * lost, or have ended without one. The placing thread's.
 */
final class Logs {
    static final int REMEMBERED_MAX = 50_000;

    private final LinkedHashMap<Path, AttemptId> owners = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, AttemptId> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    void placed(Path place, AttemptId attempt) {
        owners.put(place, attempt);
    }

    /**
     * The number of the earlier attempt of the same job whose log is there; empty: it is none's that must stay.
     *
     * @param guess by the journal, for what was placed by an earlier daemon
     */
    OptionalInt earlier(Path place, AttemptId attempt, OptionalInt guess) {
        AttemptId owner = owners.get(place);
        if (owner == null || owner.run() != attempt.run() || owner.job() != attempt.job()) {
            return guess;
        }
        return owner.number() < attempt.number() ? OptionalInt.of(owner.number()) : OptionalInt.empty();
    }
}
