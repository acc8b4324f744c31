package interchange.workflow;

import interchange.core.RunGraph;
import interchange.journal.EnvironmentFiles.Overlay;
import java.util.List;
import java.util.Map;

/**
 * What the jobs of a workflow are put behind: a run that goes on, whose job has written that workflow.
 *
 * @param graph the run's, as it is
 * @param bringer the job that has written the workflow; every new job that needs no other needs it
 * @param names of the run's jobs, with their indices
 * @param overlays of the run's environments, by number
 * @param maxJobs so many jobs of a label may run at a time
 */
public record Appending(
        RunGraph graph, int bringer, Map<String, Integer> names, List<Overlay> overlays, Map<String, Integer> maxJobs) {
    public Appending {
        names = Map.copyOf(names);
        overlays = List.copyOf(overlays);
        maxJobs = Map.copyOf(maxJobs);
    }

    /** Of the no-op behind all new jobs: none that the run has. */
    String closingName() {
        String name = "brought-" + bringer;
        while (names.containsKey(name)) {
            name += "-";
        }
        return name;
    }
}
