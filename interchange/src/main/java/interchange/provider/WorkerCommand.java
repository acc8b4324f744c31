package interchange.provider;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that starts a worker of a block, less its rank, which only the node knows.
 *
 * @param program what starts the worker's program, as {@code interchange.launch.Installation} tells it
 * @param connection the file that says how to reach the daemon
 * @param blockRestarts how often the batch system has started the block again
 */
public record WorkerCommand(
        List<String> program, Path connection, String blockToken, int blockRestarts, int cores, int memoryMiB) {
    public WorkerCommand {
        program = List.copyOf(program);
    }

    /**
     * The whole command.
     *
     * @param remaining until the block ends; zero: never
     */
    public List<String> line(Duration remaining) {
        List<String> line = new ArrayList<>(program);
        line.addAll(List.of("--connection", connection.toString()));
        line.addAll(List.of("--block-token", blockToken));
        line.addAll(List.of("--block-restarts", String.valueOf(blockRestarts)));
        line.addAll(List.of("--cores", String.valueOf(cores)));
        line.addAll(List.of("--memory", String.valueOf(memoryMiB)));
        if (remaining.isPositive()) {
            line.addAll(List.of("--remaining", String.valueOf(remaining.toSeconds())));
        }
        return List.copyOf(line);
    }
}
