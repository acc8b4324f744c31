package interchange.worker;

import interchange.proto.worker.Hello;

/**
 * Where this worker stands and what it may give to jobs, as it was told at its start.
 *
 * @param start counts the workers that the keeper has started here, from 1
 * @param earlierFenced the one before it ended with its lease over, or with a job that would not die
 * @param remainingSeconds until the block ends, at the start of this process; negative: never
 * @param batch a batch system runs the block, and may signal our jobs before it tells us
 */
record Place(
        String blockToken,
        int blockRestarts,
        int rank,
        int start,
        boolean earlierFenced,
        String host,
        int cores,
        long memoryMiB,
        long remainingSeconds,
        boolean batch) {

    /** The same for each worker that stands here after another. */
    String name() {
        return blockToken + "." + blockRestarts + "." + rank;
    }

    Hello.Builder hello(long secondsSinceStart) {
        return Hello.newBuilder()
                .setBlockToken(blockToken)
                .setBlockRestarts(blockRestarts)
                .setRank(rank)
                .setStart(start)
                .setEarlierFenced(earlierFenced)
                .setHost(host)
                .setCores(cores)
                .setMemoryMib(memoryMiB)
                .setRemainingSeconds(remainingSeconds < 0 ? -1 : Math.max(0, remainingSeconds - secondsSinceStart));
    }
}
