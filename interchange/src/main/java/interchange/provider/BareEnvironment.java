package interchange.provider;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What commands of a batch system see of the daemon's environment: who and where the user is, and the language.
 *
 * <p>Blocks inherit it, so it must carry no secret; and options of batch systems hide in variables (SBATCH_TIMELIMIT,
 * SQUEUE_STATES, SLURM_JOB_ID of an allocation that the daemon itself runs in), which must not change what a site says.
 *
 * @param variables in the order in which they are written
 */
public record BareEnvironment(Map<String, String> variables) {
    private static final Set<String> COMMON =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ");

    public BareEnvironment {
        variables = Collections.unmodifiableSortedMap(new TreeMap<>(variables));
    }

    /**
     * Of all that the daemon has.
     *
     * @param more what the batch system can't be reached without
     */
    static BareEnvironment of(Map<String, String> all, Set<String> more) {
        Map<String, String> kept = new TreeMap<>(all);
        kept.keySet().removeIf(name -> !COMMON.contains(name) && !more.contains(name));
        return new BareEnvironment(kept);
    }

    /** A command that sees nothing else; what runs it adds to the daemon's environment, and takes nothing away. */
    List<String> command(List<String> argv) {
        List<String> line = new ArrayList<>(List.of("env", "-i"));
        variables.forEach((name, value) -> line.add(name + "=" + value));
        line.addAll(argv);
        return List.copyOf(line);
    }

    List<String> command(String... argv) {
        return command(Arrays.asList(argv));
    }
}
