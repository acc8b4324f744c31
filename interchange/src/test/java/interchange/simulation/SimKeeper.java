package interchange.simulation;

import interchange.core.Place;

/** Starts the worker of one node, outlives it, and kills one that is still there when its lease is over. */
final class SimKeeper {
    private static final long LOOK_MILLIS = 1_000;

    /** After the lease's end and killGrace; less than the daemon's margin. */
    private static final long SLACK_MILLIS = 2_000;

    private final Simulation world;
    private final SimBlock block;
    private final Place place;
    private int starts;
    private boolean over;
    private SimWorker worker;

    SimKeeper(Simulation world, SimBlock block, Place place) {
        this.world = world;
        this.block = block;
        this.place = place;
        this.worker = startWorker();
        world.clock.in(LOOK_MILLIS, this::look);
    }

    private SimWorker startWorker() {
        return new SimWorker(world, this, place, ++starts);
    }

    SimWorker worker() {
        return worker;
    }

    boolean over() {
        return over;
    }

    String token() {
        return block.token;
    }

    long remainingSeconds() {
        return block.remainingSeconds();
    }

    /** It ended without having been asked to: the next one takes its place. */
    void onDied(SimWorker dead) {
        if (over || dead != worker) {
            return;
        }
        world.clock.in(1_000 + world.random.nextInt(4_000), () -> {
            if (!over && !worker.alive()) {
                worker = startWorker();
            }
        });
    }

    void onLeft(SimWorker left) {
        if (left == worker) {
            over = true;
            block.onKeeperOver();
        }
    }

    void end() {
        over = true;
        worker.die();
    }

    private void look() {
        if (over) {
            return;
        }
        world.clock.in(LOOK_MILLIS, this::look);
        long limit = worker.leaseEndMillis() + world.site.killGrace().toMillis() + SLACK_MILLIS;
        if (worker.alive() && world.clock.millis() > limit) {
            worker.die();
            onDied(worker);
        }
    }
}
