package interchange.submit.workflow;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which variables of the submitting shell jobs see. What belongs to the node, the login or the batch job of the
 * submission would be wrong or harmful on another node, weeks later.
 */
public sealed interface EnvironmentFilter {
    /** Everything but what belongs to this login; the default, and {@code exportEnvironment: true}. */
    record Usual() implements EnvironmentFilter {}

    /** {@code exportEnvironment: false}: only what no program does without. */
    record Nothing() implements EnvironmentFilter {}

    /**
     * {@code exportEnvironment: [...]}: these, and what no program does without.
     *
     * @param names of variables
     */
    record Listed(List<String> names) implements EnvironmentFilter {
        public Listed {
            names = List.copyOf(names);
        }
    }

    Set<String> OF_THIS_LOGIN = Set.of(
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

    List<String> OF_THIS_LOGIN_PREFIXES =
            List.of("XDG_SESSION_", "SSH_", "SLURM_", "SLURMD_", "PBS_", "LSB_", "LS_", "PMI_", "PMIX_", "TMUX");

    /** Given anew to every job or worker; one that starts a daemon or a submission must not pass them on. */
    Set<String> OURS = Set.of(
            "INTERCHANGE_RUN",
            "INTERCHANGE_JOB",
            "INTERCHANGE_ATTEMPT",
            "INTERCHANGE_CORES",
            "INTERCHANGE_MEMORY_MIB",
            "INTERCHANGE_ATTEMPT_TOKEN",
            "INTERCHANGE_BLOCK_TOKEN",
            "INTERCHANGE_WORKER_TOKEN",
            "INTERCHANGE_AOT_RECORD");

    Set<String> INDISPENSABLE = Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ");

    /** What of an environment jobs see. */
    default Map<String, String> apply(Map<String, String> environment) {
        Predicate<String> wanted = switch (this) {
            case Usual usual -> name -> !belongsToLogin(name);
            case Nothing nothing -> INDISPENSABLE::contains;
            case Listed listed ->
                name -> INDISPENSABLE.contains(name) || listed.names().contains(name);
        };
        Map<String, String> kept = new TreeMap<>(environment);
        kept.keySet().removeIf(name -> OURS.contains(name) || !wanted.test(name));
        return kept;
    }

    /** An environment without what belongs to the login, for programs of ours that outlive it. */
    static Map<String, String> withoutLogin(Map<String, String> environment) {
        return new Usual().apply(environment);
    }

    private static boolean belongsToLogin(String name) {
        return OF_THIS_LOGIN.contains(name) || OF_THIS_LOGIN_PREFIXES.stream().anyMatch(name::startsWith);
    }
}
