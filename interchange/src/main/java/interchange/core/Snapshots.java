package interchange.core;

import java.util.List;
import java.util.Set;

/** Copies of the scheduler's state for answers to people; safe to hand to another thread. */
public final class Snapshots {
    private Snapshots() {}

    /**
     * A run that has not ended.
     *
     * @param labels of its jobs
     * @param counts how many jobs, by index of the label and {@link JobState} ordinal
     * @param rate attempts that ended in the last minute, a second
     * @param sites that its jobs name, by index
     */
    @SuppressWarnings("ArrayRecordComponent") // a copy, handed over once
    public record RunSnapshot(
            int run,
            RunState state,
            boolean cancelling,
            boolean force,
            List<String> labels,
            int[][] counts,
            double rate,
            Set<Integer> sites) {
        public RunSnapshot {
            labels = List.copyOf(labels);
            sites = Set.copyOf(sites);
        }
    }

    /**
     * What limits have to do with a run that goes on.
     *
     * @param reached limits for which jobs of the run wait
     * @param withoutNumber names that its jobs give, and that limit nothing because no number is configured
     */
    public record LimitsSnapshot(List<ReachedLimit> reached, List<String> withoutNumber) {
        public static final LimitsSnapshot NONE = new LimitsSnapshot(List.of(), List.of());

        public LimitsSnapshot {
            reached = List.copyOf(reached);
            withoutNumber = List.copyOf(withoutNumber);
        }
    }

    /**
     * @param used what jobs at workers count, of all runs
     * @param waiting jobs of the run that could start otherwise, as far as limits go
     */
    public record ReachedLimit(String name, int used, int most, long waiting) {
        ReachedLimit and(ReachedLimit other) {
            return new ReachedLimit(name, used, most, waiting + other.waiting);
        }
    }

    /**
     * @param state connected, silent, unfenced or draining
     * @param secondsSinceHeard negative: not since the daemon started
     * @param remainingSeconds until its block ends; negative: no end
     */
    public record WorkerSnapshot(
            int worker,
            int site,
            Place place,
            String host,
            long pid,
            String state,
            int cores,
            int coresUsed,
            int memoryMiB,
            int memoryUsedMiB,
            int running,
            int waiting,
            long secondsSinceHeard,
            long remainingSeconds) {}

    /**
     * @param nodeNames where it runs, as far as is known
     * @param remainingSeconds negative: not known
     * @param cores of the workers that it has
     */
    public record BlockSnapshot(
            int block,
            int site,
            String batchId,
            BlockPhase phase,
            boolean releasing,
            int nodes,
            List<String> nodeNames,
            long intendedEpochMillis,
            long remainingSeconds,
            long jobsDone,
            int cores,
            int coresBusy,
            String message) {
        public BlockSnapshot {
            nodeNames = List.copyOf(nodeNames);
        }
    }

    /**
     * @param broken the batch system's words; empty: whole
     * @param lastFailure why the last block failed, until one works; empty: it did not
     * @param lookFailure why the batch system could not be looked at; empty: it could
     * @param pauseSeconds for so long nothing more is asked for
     * @param nodesAside names of nodes that are set aside
     */
    public record SiteSnapshot(
            int site,
            String name,
            String broken,
            String lastFailure,
            String lookFailure,
            long pauseSeconds,
            int blocks,
            int maxBlocks,
            int workers,
            long waitingJobs,
            List<String> nodesAside) {
        public SiteSnapshot {
            nodesAside = List.copyOf(nodesAside);
        }
    }

    /** Everything about the cluster, at one moment. */
    public record ClusterSnapshot(List<SiteSnapshot> sites, List<BlockSnapshot> blocks, List<WorkerSnapshot> workers) {
        public ClusterSnapshot {
            sites = List.copyOf(sites);
            blocks = List.copyOf(blocks);
            workers = List.copyOf(workers);
        }
    }
}
