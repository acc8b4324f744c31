package interchange.journal;

import java.util.List;
import java.util.Map;

/**
 * What is known of a run beside its jobs; never changes once staged.
 *
 * @param submission the UUID of the submission; repeating it finds this run
 * @param globalId unique beyond this daemon
 * @param site the site of jobs that name none
 * @param labels in the order of reports
 * @param maxJobs so many jobs of a label may run at a time; labels without a limit are not here
 * @param notes what the submitter wants the report to say
 * @param jobs how many, final ones and no-ops included; those that jobs bring come on top of it
 */
public record RunHeader(
        int run,
        String submission,
        String globalId,
        String name,
        String submitDirectory,
        String site,
        Map<String, String> attributes,
        List<String> labels,
        Map<String, Integer> maxJobs,
        List<String> notes,
        int jobs,
        long submittedEpochMillis) {
    public RunHeader {
        attributes = Map.copyOf(attributes);
        labels = List.copyOf(labels);
        maxJobs = Map.copyOf(maxJobs);
        notes = List.copyOf(notes);
    }
}
