package interchange.provider;

import java.nio.file.Path;
import java.util.List;

/**
 * A block that is to be asked of a batch system.
 *
 * @param block our id
 * @param token random; by it the block is found again
 * @param avoid nodes that are set aside, by the batch system's names
 * @param directory of the block, with {@code keeper.sh} in it; on a file system that the nodes share
 * @param workerCommand starts a worker, less what only its node knows
 */
public record BlockRequest(
        int block, String token, BlockTerms terms, List<String> avoid, Path directory, List<String> workerCommand) {
    public BlockRequest {
        avoid = List.copyOf(avoid);
        workerCommand = List.copyOf(workerCommand);
    }

    /** The same under other terms. */
    BlockRequest withTerms(BlockTerms others) {
        return new BlockRequest(block, token, others, avoid, directory, workerCommand);
    }
}
