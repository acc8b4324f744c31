package interchange.worker.warm;

import interchange.worker.process.Environment;
import interchange.worker.process.Launch;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What templates are told apart by: jobs that agree in it see the same when they import.
 *
 * @param prefix shell commands that run before; empty: none
 * @param script as the command has it
 * @param environment what {@link Environment#fingerprint} says
 * @param over variables over it, less those of the attempt
 * @param throughShell whether the script is a word for a shell to expand, and not a path as it is
 * @param directory the job's, where it matters: to the prefix, or to find the script; else empty
 */
record Kind(
        String prefix,
        String script,
        String environment,
        Map<String, String> over,
        String directory,
        boolean throughShell) {
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
                script.prefix().isEmpty() && !isRelative(script.script()) ? "" : launch.directory(),
                script.throughShell());
    }

    private static boolean isRelative(String script) {
        return script.indexOf('/') > 0 && "\"'$".indexOf(script.charAt(0)) < 0;
    }

    static boolean isOfTheAttempt(String variable) {
        return variable.startsWith(OF_THE_ATTEMPT);
    }

    /** Why jobs of this kind had better start cold. */
    Optional<String> trouble(Environment variables, boolean hasOwnDirectory) {
        if (prefix.contains(OF_THE_ATTEMPT)) {
            return Optional.of("what runs before it refers to the attempt");
        }
        if (hasOwnDirectory && !directory.isEmpty()) {
            return Optional.of("its files travel, and what runs before it does so in a directory of the job's own");
        }
        if (!throughShell && variables.has("BASH_ENV")) {
            return Optional.of("it needs no shell, and BASH_ENV changes what one does");
        }
        return Optional.empty();
    }
}
