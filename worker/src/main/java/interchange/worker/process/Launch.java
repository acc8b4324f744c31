package interchange.worker.process;

import java.util.List;
import java.util.Map;

/**
 * All that is needed to start a process.
 *
 * @param environment shared with other jobs
 * @param over its own variables, which win over the shared ones
 * @param directory absolute
 * @param stdout absolute; may be the same file as stderr
 * @param stderr absolute
 * @param token found in the environment of everything that comes from it, see {@link #TOKEN}
 */
public record Launch(
        List<String> argv,
        Environment environment,
        Map<String, String> over,
        String directory,
        String stdout,
        String stderr,
        String token) {
    /** The variable by which a process that has left its group is still known. */
    public static final String TOKEN = "INTERCHANGE_ATTEMPT_TOKEN";

    /** In the token of a template, before its number: a process that is no job. */
    public static final String TEMPLATE = "/template-";

    public Launch {
        argv = List.copyOf(argv);
        over = Map.copyOf(over);
    }
}
