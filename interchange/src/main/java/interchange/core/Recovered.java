package interchange.core;

import java.util.List;
import java.util.Map;

/**
 * Everything durable, as read back from the journal: what a scheduler starts from.
 *
 * @param starts how often a daemon has started on this journal, this time included; makes session numbers unique
 * @param nextRun the lowest id never used, as are the next two
 */
public record Recovered(
        int starts,
        int nextRun,
        int nextWorker,
        int nextBlock,
        List<SiteRecord> sites,
        List<BlockRecord> blocks,
        List<WorkerRecord> workers,
        List<RunRecord> runs) {

    public Recovered {
        sites = List.copyOf(sites);
        blocks = List.copyOf(blocks);
        workers = List.copyOf(workers);
        runs = List.copyOf(runs);
    }

    public static Recovered empty() {
        return new Recovered(1, 1, 1, 1, List.of(), List.of(), List.of(), List.of());
    }

    /** @param broken empty: whole */
    public record SiteRecord(Site site, int failuresInARow, String broken) {}

    /** A block that is not over, or has workers that have not left. */
    public record BlockRecord(
            int block,
            int site,
            String token,
            int nodes,
            BlockPhase phase,
            String batchId,
            String message,
            long intendedEpochMillis,
            long phaseEpochMillis) {}

    /** A worker that has not left. */
    public record WorkerRecord(
            int worker,
            Place place,
            int start,
            String incarnation,
            String host,
            long pid,
            int cores,
            int memoryMiB,
            long deadlineEpochMillis) {}

    /**
     * A run that has not ended; ended ones are loaded when they are restarted.
     *
     * <p>Counts are of the run's present generation, but attempts, which counts all. Indexed by job.
     *
     * @param cancelRequest empty: not being cancelled
     * @param abortJob the job whose exit code has ended the run; -1: none
     * @param raisedMemoryMiB what jobs ask for that ran out of memory
     * @param ends codes of {@link JobEnd}
     * @param attempts how many attempts each job has had, which is the number of its next one
     * @param failures attempts that spent a retry
     * @param deaths attempts whose worker died unexplained
     * @param blockEnds attempts that ended with their block
     * @param open attempts without an end
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    public record RunRecord(
            RunGraph graph,
            RunState state,
            int generation,
            String cancelRequest,
            boolean force,
            int abortJob,
            int abortReturn,
            String restartRequest,
            Map<Integer, Integer> raisedMemoryMiB,
            byte[] ends,
            int[] attempts,
            int[] failures,
            int[] deaths,
            int[] blockEnds,
            List<OpenAttempt> open) {
        public RunRecord {
            raisedMemoryMiB = Map.copyOf(raisedMemoryMiB);
            open = List.copyOf(open);
        }
    }

    /** @param startedEpochMillis 0: not started, as far as is known */
    public record OpenAttempt(AttemptId attempt, int worker, long startedEpochMillis) {}
}
