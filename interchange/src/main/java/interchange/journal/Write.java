package interchange.journal;

import interchange.core.Change;
import java.util.List;

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

    /** The submission was refused or broke off: everything staged of it goes. */
    record StageDropped(int run) implements Write {}

    /**
     * A site that runs may name from now on; comes before {@code Event.SiteAdded}.
     *
     * @param settings its configuration in full, as JSON
     */
    record SiteStored(int site, String name, String settings) implements Write {}
}
