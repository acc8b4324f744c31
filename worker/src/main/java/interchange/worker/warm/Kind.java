package interchange.worker.warm;

import interchange.worker.process.Environment;
import interchange.worker.process.Launch;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What templates are told apart by: jobs that agree in it see the same when they import.
 *
 * @param prefix shell commands that run before; empty: none
 * @param script as the command has it
 * @param environment what {@link Environment#fingerprint} says
 * @param over variables over it, less those of the attempt
 * @param directory the job's, where it matters: to the prefix, or to find the script; else empty
 */
record Kind(String prefix, String script, String environment, Map<String, String> over, String directory) {
    /** What each attempt has of its own is set in its fork. */
    private static final String OF_THE_ATTEMPT = "INTERCHANGE_";

    Kind {
        // Sorted, so that equal kinds have equal texts.
        over = Collections.unmodifiableSortedMap(new TreeMap<>(over));
    }

    static Kind of(Recognized.Script script, Launch launch) {
        return new Kind(
                script.prefix(),
                script.script(),
                launch.environment().fingerprint(),
                launch.over().entrySet().stream()
                        .filter(variable -> !isOfTheAttempt(variable.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
                script.prefix().isEmpty() && !isRelative(script.script()) ? "" : launch.directory());
    }

    private static boolean isRelative(String script) {
        return script.indexOf('/') > 0 && "\"'$".indexOf(script.charAt(0)) < 0;
    }

    static boolean isOfTheAttempt(String variable) {
        return variable.startsWith(OF_THE_ATTEMPT);
    }

    /** Whether what runs before the script may be another thing for each attempt. */
    boolean refersToTheAttempt() {
        return prefix.contains(OF_THE_ATTEMPT);
    }
}
