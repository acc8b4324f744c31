package interchange.workflow;

import interchange.journal.EnvironmentFiles.Overlay;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The different environments of a run's jobs, numbered; there are few, however many jobs. */
final class Environments {
    /** They are held in memory and sent to workers; a job that needs its own has better ways. */
    static final int DIFFERENT_MAX = 10_000;

    private final Map<Overlay, Integer> numbers = new HashMap<>();
    private final List<Overlay> overlays = new ArrayList<>();

    Environments() {
        this(List.of());
    }

    /** @param before what a run has already, by number */
    Environments(List<Overlay> before) {
        before.forEach(this::numberOf);
        numberOf(Overlay.NONE);
    }

    List<Overlay> overlays() {
        return List.copyOf(overlays);
    }

    boolean tooMany() {
        return overlays.size() > DIFFERENT_MAX;
    }

    /** The number of a job's environment: its site's variables, over them its own. */
    int numberOf(JobLine job, Map<String, String> ofSite) {
        if (job.environment.isEmpty() && job.unsetEnvironment.isEmpty() && ofSite.isEmpty()) {
            return 0;
        }
        Map<String, String> set = new TreeMap<>(ofSite);
        Set<String> unset = new HashSet<>(job.unsetEnvironment);
        set.keySet().removeAll(unset);
        set.putAll(job.environment);
        unset.removeAll(job.environment.keySet());
        return numberOf(new Overlay(set, unset));
    }

    private int numberOf(Overlay overlay) {
        if (tooMany()) {
            return 0; // the run is refused
        }
        return numbers.computeIfAbsent(overlay, fresh -> {
            overlays.add(fresh);
            return overlays.size() - 1;
        });
    }
}
