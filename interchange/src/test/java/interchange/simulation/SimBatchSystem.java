package interchange.simulation;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A batch system with a queue, which fails, times out, lies a little and ends blocks when it likes. */
final class SimBatchSystem {
    private static final int ANSWER_MILLIS = 2_000;
    private static final int QUEUE_MILLIS = 60_000;

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
        SimBlock block = new SimBlock(world, request.block(), request.token(), request.nodes());
        blocks.put(block.id, block);
        world.clock.in(world.random.nextInt(QUEUE_MILLIS), block::begin);
        later(
                answer,
                world.chance(world.faults.submitUncertain())
                        ? new Event.BlockRefused(block.id, "timed out", false)
                        : new Event.BlockSubmitted(block.id, block.batchId));
    }

    void poll(Effect.PollBlocks request, Consumer<Event> answer) {
        if (world.chance(world.faults.pollFails())) {
            later(answer, new Event.PollFailed(request.batchSystem(), request.look(), "unreachable"));
            return;
        }
        Map<Integer, BlockReport> reports = new HashMap<>();
        for (int id : request.blocks()) {
            SimBlock block = blocks.get(id);
            if (block != null && block.known()) {
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
