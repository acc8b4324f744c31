package interchange.provider;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that starts a worker of a block.
 *
 * @param program what starts the worker's program, as {@code interchange.launch.Installation} tells it
 * @param connection the file that says how to reach the daemon
 */
public record WorkerCommand(List<String> program, Path connection, String blockToken) {
    public WorkerCommand {
        program = List.copyOf(program);
    }

    /** Less what only its node knows, which {@code node.sh} adds. */
    public List<String> bare() {
        List<String> line = new ArrayList<>(program);
        line.addAll(List.of("--connection", connection.toString()));
        line.addAll(List.of("--block-token", blockToken));
        return List.copyOf(line);
    }

    /**
     * For this machine, where all but the rank is known.
     *
     * @param remaining until the block ends; zero: never
     */
    public List<String> here(int cores, int memoryMiB, Duration remaining) {
        List<String> line = new ArrayList<>(bare());
        line.addAll(List.of("--block-restarts", "0"));
        line.addAll(List.of("--cores", String.valueOf(cores)));
        line.addAll(List.of("--memory", String.valueOf(memoryMiB)));
        if (remaining.isPositive()) {
            line.addAll(List.of("--remaining", String.valueOf(remaining.toSeconds())));
        }
        return List.copyOf(line);
    }
}
