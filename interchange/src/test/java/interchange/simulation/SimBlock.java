package interchange.simulation;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Place;
import java.util.ArrayList;
import java.util.List;

/** A block as the batch system has it, and as it says that it is. */
final class SimBlock {
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
            world.clock.in(walltime, () -> end(BlockPhase.ENDED));
        }
        for (int rank = 0; rank < nodes; rank++) {
            keepers.add(new SimKeeper(world, this, new Place(id, 0, rank)));
        }
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
        world.clock.in(early ? world.random.nextInt(10_000) : 0, () -> keepers.forEach(SimKeeper::end));
    }

    void onKeeperOver() {
        if (keepers.stream().allMatch(SimKeeper::over)) {
            end(BlockPhase.ENDED);
        }
    }
}
