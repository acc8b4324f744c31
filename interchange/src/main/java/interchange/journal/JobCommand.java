package interchange.journal;

import java.util.List;

/**
 * What is sent of a job to who runs it.
 *
 * @param argv what is executed; a shell command is {@code bash -c COMMAND}
 * @param directory absolute, as are the next two
 * @param walltimeSeconds 0: none
 * @param environment number of its environment among those of the run; see {@link EnvironmentFiles}
 * @param files that travel with it
 */
public record JobCommand(
        int job,
        String name,
        List<String> argv,
        String directory,
        String stdout,
        String stderr,
        int cpus,
        int memoryMiB,
        int walltimeSeconds,
        int environment,
        List<JobFile> files) {
    public JobCommand {
        argv = List.copyOf(argv);
        files = List.copyOf(files);
    }
}
