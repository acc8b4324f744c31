package interchange.simulation;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Place;
import java.util.ArrayList;
import java.util.List;

/** A block as the batch system has it, and as it says that it is. */
final class SimBlock {
    private static final int LONGEST_HAUNTING_MILLIS = 1_200_000;
    private static final int BAD_START_MILLIS = 5_000;

    final int id;
    final String token;
    final String batchId;
    /** Of all its starts: those of an earlier one may still be there. */
    final List<SimKeeper> keepers = new ArrayList<>();

    private final Simulation world;
    private final int nodes;
    private final List<String> avoid;
    /** Whether its batch system tells how often it was started. */
    private final boolean counted;

    private List<String> hosts = List.of();
    private int restarts;
    private BlockPhase phase = BlockPhase.QUEUED;
    private BlockPhase told = BlockPhase.QUEUED;
    private String message = "";
    private long endMillis = -1;
    private long overMillis = -1;

    SimBlock(Simulation world, int id, String token, int nodes, List<String> avoid) {
        this.world = world;
        this.id = id;
        this.token = token;
        this.nodes = nodes;
        this.avoid = avoid;
        this.batchId = "batch" + world.nextNumber();
        this.counted = world.random.nextInt(4) != 0;
    }

    boolean over() {
        return phase.over();
    }

    /** Forgotten by the batch system some time after its end. */
    boolean known() {
        return overMillis < 0 || world.clock.millis() - overMillis < 120_000;
    }

    BlockReport report() {
        boolean old = phase == BlockPhase.RUNNING && world.chance(world.faults.oldAnswer());
        BlockPhase says = old ? BlockPhase.QUEUED : told;
        return new BlockReport(
                says,
                told.over() ? message : "",
                told.over() ? -1 : remainingSeconds(),
                hosts,
                counted ? restarts : -1);
    }

    long remainingSeconds() {
        return endMillis < 0 ? -1 : Math.max(0, (endMillis - world.clock.millis()) / 1_000);
    }

    void begin() {
        if (phase != BlockPhase.QUEUED) {
            return;
        }
        phase = BlockPhase.RUNNING;
        told = phase;
        hosts = world.batch.place(nodes, avoid);
        int start = restarts;
        long walltime = world.site.walltime().toMillis();
        if (walltime > 0) {
            endMillis = world.clock.millis() + walltime;
            world.clock.in(walltime, () -> endByWalltime(start));
        }
        if (hosts.stream().anyMatch(world.batch::isBad)) {
            message = "no disk";
            world.clock.in(world.random.nextInt(BAD_START_MILLIS), () -> end(BlockPhase.FAILED));
            return;
        }
        // What an earlier start left on a node is killed before its keeper starts.
        keepers.stream().filter(keeper -> hosts.contains(keeper.host())).forEach(SimKeeper::end);
        for (int rank = 0; rank < nodes; rank++) {
            keepers.add(new SimKeeper(world, this, new Place(id, restarts, rank), hosts.get(rank)));
        }
    }

    private List<SimKeeper> present() {
        return keepers.stream()
                .filter(keeper -> keeper.place().restarts() == restarts)
                .toList();
    }

    private void endByWalltime(int start) {
        if (!over() && start == restarts) {
            present().forEach(keeper -> keeper.worker().begun().forEach(world.executions::blameWalltime));
            message = "walltime";
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
        present().forEach(keeper -> keeper.freeze(millis));
        world.clock.in(millis, () -> {
            if (phase == BlockPhase.SUSPENDED) {
                phase = BlockPhase.RUNNING;
                told = phase;
            }
        });
    }

    /** One of its nodes can't be reached any more: the batch system strikes it off, and the others go on. */
    void loseNode() {
        List<SimKeeper> here = present();
        if (phase != BlockPhase.RUNNING || here.size() < 2) {
            return;
        }
        SimKeeper lost = here.get(world.random.nextInt(here.size()));
        lost.cutOff();
        hosts = hosts.stream().filter(host -> !host.equals(lost.host())).toList();
        world.clock.in(world.random.nextInt(LONGEST_HAUNTING_MILLIS), lost::end);
    }

    /** It is put back into the queue; of a node that has failed nobody knows whether its processes are dead. */
    void requeue(boolean afterNodeFailure) {
        if (phase != BlockPhase.RUNNING) {
            return;
        }
        endKeepers(afterNodeFailure ? LONGEST_HAUNTING_MILLIS : 1);
        phase = BlockPhase.QUEUED;
        told = phase;
        restarts++;
        endMillis = -1;
        world.clock.in(world.batch.queueMillis(), this::begin);
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
        endKeepers(how == BlockPhase.NODE_FAILED ? LONGEST_HAUNTING_MILLIS : early ? 10_000 : 1);
    }

    private void endKeepers(int longestMillis) {
        // What happens on a node that can't be reached nobody decides.
        List<SimKeeper> now =
                present().stream().filter(keeper -> !keeper.isCutOff()).toList();
        world.clock.in(world.random.nextInt(longestMillis), () -> now.forEach(SimKeeper::end));
    }

    void onKeeperOver() {
        boolean allOver = present().stream().allMatch(keeper -> keeper.over() || keeper.isCutOff());
        if (phase != BlockPhase.QUEUED && allOver) {
            end(BlockPhase.ENDED);
        }
    }
}
