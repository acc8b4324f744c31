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
    private final String host;
    private int starts;
    private long frozenUntil;
    private boolean over;
    private boolean cutOff;
    private boolean earlierFenced;
    private SimWorker worker;

    SimKeeper(Simulation world, SimBlock block, Place place, String host) {
        this.world = world;
        this.block = block;
        this.place = place;
        this.host = host;
        this.worker = startWorker();
        world.clock.in(LOOK_MILLIS, this::look);
    }

    private SimWorker startWorker() {
        return new SimWorker(world, this, place, ++starts);
    }

    SimWorker worker() {
        return worker;
    }

    Place place() {
        return place;
    }

    /** Its node, by the batch system's name. */
    String host() {
        return host;
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

    boolean earlierFenced() {
        return earlierFenced;
    }

    /** It ended itself, or was ended, because its lease was over. */
    void onFenced(SimWorker fenced) {
        replace(fenced, true);
    }

    /** It ended without having been asked to: the next one takes its place. */
    void onDied(SimWorker dead) {
        replace(dead, false);
    }

    private void replace(SimWorker gone, boolean fenced) {
        if (over || gone != worker) {
            return;
        }
        earlierFenced = fenced;
        long thaw = Math.max(0, frozenUntil - world.clock.millis());
        world.clock.in(thaw + 1_000 + world.random.nextInt(4_000), () -> {
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

    /** The node can't be reached any more; what runs there goes on. */
    void cutOff() {
        cutOff = true;
    }

    boolean isCutOff() {
        return cutOff;
    }

    /** The whole node stands still. */
    void freeze(long millis) {
        frozenUntil = Math.max(frozenUntil, world.clock.millis() + millis);
        worker.freeze(millis);
    }

    private void look() {
        if (over) {
            return;
        }
        world.clock.in(LOOK_MILLIS, this::look);
        if (world.clock.millis() < frozenUntil) {
            return;
        }
        long limit = worker.leaseEndMillis() + world.site.killGrace().toMillis() + SLACK_MILLIS;
        if (worker.alive() && world.clock.millis() > limit) {
            worker.die();
            onFenced(worker);
        }
    }
}
