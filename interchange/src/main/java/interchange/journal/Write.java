package interchange.journal;

import interchange.core.Change;
import java.util.List;
import java.util.Map;

/** One thing to write; those of a turn are one transaction. */
public sealed interface Write {

    /** A decision of the scheduler. */
    record Decided(Change change) implements Write {}

    /** The first part of a submission; invisible until its {@link Change.RunAppeared}. */
    record RunStaged(RunHeader header) implements Write {}

    /** A few thousand jobs of a submission. */
    record JobsStaged(int run, List<JobSpec> jobs) implements Write {
        public JobsStaged {
            jobs = List.copyOf(jobs);
        }
    }

    /**
     * Labels of jobs that are to be staged behind those that a run has.
     *
     * @param maxJobs so many jobs of a label may run at a time
     */
    record LabelsStaged(int run, List<String> labels, Map<String, Integer> maxJobs) implements Write {
        public LabelsStaged {
            labels = List.copyOf(labels);
            maxJobs = Map.copyOf(maxJobs);
        }
    }

    /** Jobs from one number to before another go, which were staged behind those that a run has. */
    record TailDropped(int run, int from, int to) implements Write {}

    /** The submission was refused or broke off: everything staged of it goes. */
    record StageDropped(int run) implements Write {}

    /**
     * A site that runs may name from now on; comes before {@code Event.SiteAdded}.
     *
     * @param settings its configuration in full, as JSON
     */
    record SiteStored(int site, String name, String settings) implements Write {}
}
