package interchange.journal;

import interchange.core.RetryPolicy;
import java.util.List;

/**
 * One job in full, as staged: the cold part that is read back when an attempt is sent.
 *
 * @param job index in the run, from 0
 * @param needs indices of its parents
 * @param argv what is executed; a shell command is {@code bash -c COMMAND}
 * @param directory absolute, as are the next two
 * @param site index of its site
 * @param walltimeSeconds 0: none
 * @param environment number of its environment among those of the run; see {@link EnvironmentFiles}
 * @param concurrencyLimit empty: none
 * @param traits bits of {@link interchange.core.JobTraits}; a no-op has no argv
 * @param brings the workflow file that it writes; empty: none
 * @param files that travel with it
 */
public record JobSpec(
        int job,
        String name,
        String label,
        List<Integer> needs,
        List<String> argv,
        String directory,
        String stdout,
        String stderr,
        int site,
        int cpus,
        int memoryMiB,
        int diskMiB,
        int walltimeSeconds,
        int priority,
        RetryPolicy policy,
        int environment,
        String concurrencyLimit,
        int traits,
        String brings,
        List<JobFile> files) {
    public JobSpec {
        needs = List.copyOf(needs);
        argv = List.copyOf(argv);
        files = List.copyOf(files);
    }
}
