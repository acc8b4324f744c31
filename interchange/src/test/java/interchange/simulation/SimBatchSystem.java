package interchange.simulation;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A batch system with a queue, which fails, times out, delays, loses, preempts, lies and ends blocks when it likes. */
final class SimBatchSystem {
    private static final int ANSWER_MILLIS = 2_000;
    private static final int QUEUE_MILLIS = 60_000;
    private static final int LONG_QUEUE_MILLIS = 4 * 3_600_000;
    private static final int NODES = 8;
    private static final String BAD_NODE = "node0";

    final Map<Integer, SimBlock> blocks = new LinkedHashMap<>();
    private final Simulation world;

    SimBatchSystem(Simulation world) {
        this.world = world;
    }

    void submit(Effect.SubmitBlock request, Consumer<Event> answer) {
        if (world.chance(world.faults.submitFails())) {
            later(answer, new Event.BlockRefused(request.block(), "no", true));
            return;
        }
        SimBlock block = new SimBlock(world, request.block(), request.token(), request.nodes(), request.avoid());
        if (!world.chance(world.faults.loseBlock())) {
            blocks.put(block.id, block);
            world.clock.in(queueMillis(), block::begin);
        }
        later(
                answer,
                world.chance(world.faults.submitUncertain())
                        ? new Event.BlockRefused(block.id, "timed out", false)
                        : new Event.BlockSubmitted(block.id, block.batchId));
    }

    long queueMillis() {
        boolean aLong = world.chance(world.faults.longQueue());
        return world.random.nextInt(aLong ? LONG_QUEUE_MILLIS : QUEUE_MILLIS);
    }

    /** Nodes for a block, by name. */
    List<String> place(int nodes, List<String> avoid) {
        List<String> free = new ArrayList<>();
        for (int node = 0; node < NODES; node++) {
            free.add("node" + node);
        }
        free.removeAll(avoid);
        List<String> placed = new ArrayList<>();
        while (placed.size() < nodes) {
            placed.add(free.remove(world.random.nextInt(free.size())));
        }
        return placed;
    }

    boolean isBad(String node) {
        return world.faults.badNode() && node.equals(BAD_NODE);
    }

    void poll(Effect.PollBlocks request, Consumer<Event> answer) {
        if (world.chance(world.faults.pollFails())) {
            later(answer, new Event.PollFailed(request.batchSystem(), request.look(), "unreachable"));
            return;
        }
        Map<Integer, BlockReport> reports = new HashMap<>();
        for (int id : request.blocks()) {
            SimBlock block = blocks.get(id);
            if (block != null && block.known() && !world.chance(world.faults.omitBlock())) {
                later(answer, new Event.BlockSubmitted(id, block.batchId));
                reports.put(id, block.report());
            }
        }
        later(answer, new Event.BlocksPolled(request.batchSystem(), request.look(), reports));
    }

    void cancel(Effect.CancelBlocks request) {
        if (world.chance(world.faults.pollFails())) {
            return;
        }
        for (int id : request.blocks()) {
            SimBlock block = blocks.get(id);
            if (block != null) {
                world.clock.in(world.random.nextInt(ANSWER_MILLIS), () -> block.end(BlockPhase.ENDED));
            }
        }
    }

    private void later(Consumer<Event> answer, Event event) {
        world.clock.in(1 + world.random.nextInt(ANSWER_MILLIS), () -> answer.accept(event));
    }

    long notOver() {
        return blocks.values().stream().filter(block -> !block.over()).count();
    }
}
