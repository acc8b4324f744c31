package interchange.worker;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * What a worker is told at its start. Parsed by hand, since a parser's classes would cost more of the start than all else.
 *
 * @param host the batch system's name for this node; empty: the machine's own
 */
record WorkerArguments(
        Path connection,
        String blockToken,
        int blockRestarts,
        int rank,
        Optional<String> host,
        int cores,
        long memoryMiB,
        long remainingSeconds,
        int start,
        boolean earlierFenced) {
    private static final Set<String> KNOWN = Set.of(
            "--connection",
            "--block-token",
            "--block-restarts",
            "--rank",
            "--host",
            "--cores",
            "--memory",
            "--remaining",
            "--elapsed",
            "--start",
            "--before");

    /** @throws IllegalArgumentException names what is wrong */
    static WorkerArguments parse(List<String> arguments) {
        Map<String, String> values = new HashMap<>();
        Queue<String> rest = new ArrayDeque<>(arguments);
        for (String name = rest.poll(); name != null; name = rest.poll()) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("unknown argument: " + name);
            } else if (rest.isEmpty()) {
                throw new IllegalArgumentException(name + " needs a value");
            } else {
                values.put(name, rest.remove());
            }
        }
        long remaining = number(values, "--remaining", -1L);
        // The keeper's: how long ago the first worker was started here, when this one takes the place of a dead one.
        long elapsed = number(values, "--elapsed", 0L);
        return new WorkerArguments(
                Path.of(text(values, "--connection")).toAbsolutePath(),
                text(values, "--block-token"),
                (int) number(values, "--block-restarts", 0L),
                (int) number(values, "--rank", 0L),
                Optional.ofNullable(values.get("--host")),
                Math.toIntExact(positive(values, "--cores")),
                positive(values, "--memory"),
                remaining < 0 ? -1 : Math.max(0, remaining - elapsed),
                (int) number(values, "--start", 1L),
                number(values, "--before", Agent.EXIT_LEFT) == Agent.EXIT_FENCED);
    }

    private static String text(Map<String, String> values, String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    private static long positive(Map<String, String> values, String name) {
        long value = number(text(values, name), name);
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be at least 1, not " + value);
        }
        return value;
    }

    private static long number(Map<String, String> values, String name, long otherwise) {
        String value = values.get(name);
        return value == null ? otherwise : number(value, name);
    }

    private static long number(String value, String name) {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number, not '" + value + "'", e);
        }
    }
}
