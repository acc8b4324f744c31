package interchange.simulation;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Place;
import java.util.ArrayList;
import java.util.List;

/** A block as the batch system has it, and as it says that it is. */
final class SimBlock {
    private static final int LONGEST_HAUNTING_MILLIS = 1_200_000;

    final int id;
    final String token;
    final String batchId;
    final List<SimKeeper> keepers = new ArrayList<>();
    private final Simulation world;
    private final int nodes;
    private BlockPhase phase = BlockPhase.QUEUED;
    private BlockPhase told = BlockPhase.QUEUED;
    private long endMillis = -1;
    private long overMillis = -1;

    SimBlock(Simulation world, int id, String token, int nodes) {
        this.world = world;
        this.id = id;
        this.token = token;
        this.nodes = nodes;
        this.batchId = "batch" + world.nextNumber();
    }

    boolean over() {
        return phase.over();
    }

    /** Forgotten by the batch system some time after its end. */
    boolean known() {
        return overMillis < 0 || world.clock.millis() - overMillis < 120_000;
    }

    BlockReport report() {
        return new BlockReport(told, told.over() ? "done" : "", told.over() ? -1 : remainingSeconds());
    }

    long remainingSeconds() {
        return endMillis < 0 ? -1 : Math.max(0, (endMillis - world.clock.millis()) / 1_000);
    }

    void begin() {
        if (over()) {
            return;
        }
        phase = BlockPhase.RUNNING;
        told = phase;
        long walltime = world.site.walltime().toMillis();
        if (walltime > 0) {
            endMillis = world.clock.millis() + walltime;
            world.clock.in(walltime, this::endByWalltime);
        }
        for (int rank = 0; rank < nodes; rank++) {
            keepers.add(new SimKeeper(world, this, new Place(id, 0, rank)));
        }
    }

    private void endByWalltime() {
        if (!over()) {
            keepers.forEach(keeper -> keeper.worker().begun().forEach(world.executions::blameWalltime));
            end(BlockPhase.ENDED);
        }
    }

    /** The batch system stops its processes for a while. */
    void suspend(long millis) {
        if (phase != BlockPhase.RUNNING) {
            return;
        }
        phase = BlockPhase.SUSPENDED;
        told = phase;
        keepers.forEach(keeper -> keeper.freeze(millis));
        world.clock.in(millis, () -> {
            if (phase == BlockPhase.SUSPENDED) {
                phase = BlockPhase.RUNNING;
                told = phase;
            }
        });
    }

    /** The batch system ends it; sometimes it says so before its processes are dead. */
    void end(BlockPhase how) {
        if (over()) {
            return;
        }
        told = how;
        boolean early = world.chance(world.faults.lieAboutEnd());
        phase = how;
        overMillis = world.clock.millis();
        // Of a node that has failed nobody knows whether its processes have.
        int longest = how == BlockPhase.NODE_FAILED ? LONGEST_HAUNTING_MILLIS : early ? 10_000 : 1;
        world.clock.in(world.random.nextInt(longest), () -> keepers.forEach(SimKeeper::end));
    }

    void onKeeperOver() {
        if (keepers.stream().allMatch(SimKeeper::over)) {
            end(BlockPhase.ENDED);
        }
    }
}
