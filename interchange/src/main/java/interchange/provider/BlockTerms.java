package interchange.provider;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a site asks of its batch system for each of its blocks; made from the site's configuration.
 *
 * @param site the name of its section, which pools and later contents of that name share
 * @param nodes of one block
 * @param cores of one node; 0: all that the node has
 * @param memoryMiB of one node; 0: what the batch system gives
 * @param walltime zero: what the batch system gives, or none
 * @param queue where blocks are submitted to: a queue, or a partition in Slurm's words; empty: the standard one
 * @param account empty: the user's standard one; so with qos and constraint
 * @param exclusive whether nodes are asked for whole; empty: whole where cores is 0
 * @param singleton whether blocks of that name run one after another
 * @param schedulerOptions lines for the head of the script, verbatim
 * @param commandPrefix shell commands that set up the node before its worker; empty: none
 * @param workerCores offered by one worker, at most; 0: all that its allocation has
 * @param workerMemoryMiB likewise
 * @param allocation the batch system's id of one that is held already, for providers that run in such; empty: none
 */
public record BlockTerms(
        String site,
        int nodes,
        int cores,
        int memoryMiB,
        Duration walltime,
        String queue,
        String account,
        String qos,
        String constraint,
        Optional<Boolean> exclusive,
        boolean singleton,
        List<String> schedulerOptions,
        String commandPrefix,
        int workerCores,
        int workerMemoryMiB,
        String allocation) {
    public BlockTerms {
        schedulerOptions = List.copyOf(schedulerOptions);
    }

    /** The same with so many cores of each node asked for, and offered by its worker. */
    BlockTerms askingAndOffering(int counted) {
        return new BlockTerms(
                site,
                nodes,
                counted,
                memoryMiB,
                walltime,
                queue,
                account,
                qos,
                constraint,
                exclusive,
                singleton,
                schedulerOptions,
                commandPrefix,
                counted,
                workerMemoryMiB,
                allocation);
    }

    /** Whether the whole node is asked for. */
    public boolean wholeNodes() {
        return exclusive.orElse(cores == 0);
    }
}
