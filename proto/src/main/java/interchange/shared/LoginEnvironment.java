package interchange.shared;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The variables of a shell that belong to its node, its login or its batch job: to what outlives these, or runs on another
 * node, they would be wrong or harmful.
 */
public final class LoginEnvironment {
    private static final Set<String> OF_THIS_LOGIN = Set.of(
            "TMPDIR",
            "TMP",
            "TEMP",
            "HOSTNAME",
            "PWD",
            "OLDPWD",
            "SHLVL",
            "_",
            "XDG_RUNTIME_DIR",
            "KRB5CCNAME",
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "XAUTHORITY",
            "WINDOWID",
            "DBUS_SESSION_BUS_ADDRESS",
            "STY",
            "INVOCATION_ID",
            "JOURNAL_STREAM",
            "NOTIFY_SOCKET",
            "GPG_TTY",
            "COLUMNS",
            "LINES");

    private static final List<String> OF_THIS_LOGIN_PREFIXES =
            List.of("XDG_SESSION_", "SSH_", "SLURM_", "SLURMD_", "PBS_", "LSB_", "LS_", "PMI_", "PMIX_", "TMUX");

    /** Given anew to every job or worker; one that starts a daemon or a submission must not pass them on. */
    private static final Set<String> OURS = Set.of(
            "INTERCHANGE_RUN",
            "INTERCHANGE_JOB",
            "INTERCHANGE_ATTEMPT",
            "INTERCHANGE_CORES",
            "INTERCHANGE_MEMORY_MIB",
            "INTERCHANGE_ATTEMPT_TOKEN",
            "INTERCHANGE_BLOCK_TOKEN",
            "INTERCHANGE_WORKER_TOKEN",
            "INTERCHANGE_AOT_RECORD",
            "INTERCHANGE_BRINGS",
            "INTERCHANGE_BLOCK_ENDS",
            "INTERCHANGE_REMAINING_SECONDS");

    /** These say where a batch system is: without them its commands may find none, or another. */
    private static final Set<String> OF_CLUSTERS =
            Set.of("SLURM_CONF", "PBS_CONF_FILE", "PBS_EXEC", "PBS_DEFAULT", "PBS_SERVER");

    private LoginEnvironment() {}

    /** What of an environment outlives the login. */
    public static Map<String, String> without(Map<String, String> environment) {
        Map<String, String> kept = withoutOurs(environment);
        kept.keySet()
                .removeIf(name -> OF_THIS_LOGIN.contains(name)
                        || OF_THIS_LOGIN_PREFIXES.stream().anyMatch(name::startsWith));
        return kept;
    }

    /** The same for a daemon, which asks the batch systems that the login knows, from the same node. */
    public static Map<String, String> ofDaemon(Map<String, String> environment) {
        Map<String, String> kept = new TreeMap<>(environment);
        kept.keySet().retainAll(OF_CLUSTERS);
        kept.putAll(without(environment));
        return kept;
    }

    /** All of it but what a job of ours, from which a submission may come, was given by us. */
    public static Map<String, String> withoutOurs(Map<String, String> environment) {
        Map<String, String> kept = new TreeMap<>(environment);
        kept.keySet().removeAll(OURS);
        return kept;
    }
}
