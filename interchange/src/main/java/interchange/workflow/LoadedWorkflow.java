package interchange.workflow;

import interchange.core.RunGraph;
import interchange.journal.EnvironmentFiles.Overlay;
import java.util.List;

/**
 * A workflow that is right in every respect.
 *
 * @param labels those of all jobs, in the order of reports
 * @param overlays by the numbers in {@code JobSpec.environment}; the first changes nothing
 * @param warnings what the user should know, such as jobs that fit no worker
 */
public record LoadedWorkflow(RunGraph graph, List<String> labels, List<Overlay> overlays, List<String> warnings) {
    public LoadedWorkflow {
        labels = List.copyOf(labels);
        overlays = List.copyOf(overlays);
        warnings = List.copyOf(warnings);
    }
}
