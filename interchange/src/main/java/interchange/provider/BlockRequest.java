package interchange.provider;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A block that is to be asked of a batch system.
 *
 * @param block our id
 * @param token random; by it the block is found again
 * @param directory of the block, with {@code keeper.sh} in it; on a file system that the nodes share
 * @param walltime zero: none
 * @param workerCommand starts a worker, less its rank, which is appended for each node
 */
public record BlockRequest(
        int block, String token, int nodes, Path directory, Duration walltime, List<String> workerCommand) {
    public BlockRequest {
        workerCommand = List.copyOf(workerCommand);
    }
}
