package interchange.core;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The durable part of the state in a form that can be compared: what a crash may not cost. */
public record Projection(
        int nextWorker,
        int nextBlock,
        SortedMap<Integer, RunPart> runs,
        SortedMap<Integer, SitePart> sites,
        SortedMap<Integer, BlockPart> blocks,
        SortedMap<Integer, WorkerPart> workers) {

    public record RunPart(
            RunState state,
            int generation,
            String cancelRequest,
            boolean force,
            int abortJob,
            int abortReturn,
            String restartRequest,
            Map<Integer, Integer> raisedMemoryMiB,
            List<JobEnd> ends,
            List<Integer> attempts,
            List<Integer> failures,
            List<Integer> deaths,
            List<Integer> blockEnds,
            Map<String, Long> open) {}

    public record SitePart(Site site, int failuresInARow, String broken) {}

    public record BlockPart(
            int site,
            String token,
            int nodes,
            BlockPhase phase,
            String batchId,
            String message,
            long intendedEpochMillis,
            long phaseEpochMillis,
            List<Integer> workers) {}

    public record WorkerPart(
            Place place,
            int start,
            String incarnation,
            String host,
            long pid,
            int cores,
            int memoryMiB,
            long deadlineEpochMillis,
            Map<String, Long> attempts) {}

    static Projection of(State state) {
        SortedMap<Integer, RunPart> runs = new TreeMap<>();
        state.runs.forEach((id, run) -> runs.put(id, part(state, run)));
        SortedMap<Integer, SitePart> sites = new TreeMap<>();
        state.sites.forEach((id, site) -> sites.put(id, new SitePart(site.site, site.failuresInARow, site.broken)));
        SortedMap<Integer, BlockPart> blocks = new TreeMap<>();
        state.blocks.forEach((id, block) -> blocks.put(id, part(block)));
        SortedMap<Integer, WorkerPart> workers = new TreeMap<>();
        state.workers.forEach((id, worker) -> workers.put(id, part(worker)));
        return new Projection(state.nextWorker, state.nextBlock, runs, sites, blocks, workers);
    }

    private static RunPart part(State state, Run run) {
        JobEnd[] ends = new JobEnd[run.jobs()];
        Arrays.setAll(ends, run::endOf);
        SortedMap<String, Long> open = new TreeMap<>();
        for (Attempt attempt : state.attempts.values()) {
            if (attempt.id.run() == run.id()) {
                open.put(attempt.id.toString(), attempt.startedEpochMillis);
            }
        }
        return new RunPart(
                run.state,
                run.generation,
                run.cancelRequest,
                run.force,
                run.abortJob,
                run.abortReturn,
                run.restartRequest,
                new TreeMap<>(run.raisedMemoryMiB),
                List.of(ends),
                Arrays.stream(run.attempts).boxed().toList(),
                boxed(run.failures),
                boxed(run.deaths),
                boxed(run.blockEnds),
                open);
    }

    private static List<Integer> boxed(short[] counts) {
        Integer[] boxed = new Integer[counts.length];
        Arrays.setAll(boxed, i -> (int) counts[i]);
        return List.of(boxed);
    }

    private static BlockPart part(Block block) {
        return new BlockPart(
                block.site.index(),
                block.token,
                block.nodes,
                block.phase,
                block.batchId,
                block.message,
                block.intendedEpochMillis,
                block.phaseEpochMillis,
                block.workers.values().stream()
                        .map(worker -> worker.id)
                        .sorted()
                        .toList());
    }

    private static WorkerPart part(Worker worker) {
        SortedMap<String, Long> attempts = new TreeMap<>();
        worker.attempts.values().forEach(attempt -> attempts.put(attempt.id.toString(), attempt.startedEpochMillis));
        return new WorkerPart(
                worker.place,
                worker.start,
                worker.incarnation,
                worker.host,
                worker.pid,
                worker.cores,
                worker.memoryMiB,
                worker.deadlineEpochMillis,
                attempts);
    }
}
