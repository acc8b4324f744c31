package interchange.simulation;

import interchange.core.Effect;
import interchange.core.Event;

/** One connection of a worker: in order unless the world is bad, and silent once it is cut. */
final class SimLink {
    private static final int LATENCY_MILLIS = 5;
    private static final int LATE_MILLIS = 5_000;

    /** A message to a worker as it crosses the network. */
    record Down(long session, long sequence, Effect effect) {}

    final long id;
    final SimWorker worker;
    private final Simulation world;
    private boolean open = true;
    private long lastUpMillis;
    private long lastDownMillis;

    SimLink(long id, SimWorker worker, Simulation world) {
        this.id = id;
        this.worker = worker;
        this.world = world;
    }

    void cut() {
        open = false;
    }

    void up(Event event) {
        lastUpMillis = travel(lastUpMillis, () -> world.daemon.receive(event));
    }

    void down(Down message) {
        lastDownMillis = travel(lastDownMillis, () -> worker.receive(this, message));
    }

    private long travel(long notBefore, Runnable arrival) {
        if (!open || worker.isCutOff() || world.chance(world.faults.lose())) {
            return notBefore;
        }
        boolean late = world.chance(world.faults.delay());
        long now = world.clock.millis();
        long due = late
                ? now + world.random.nextInt(LATE_MILLIS)
                : Math.max(notBefore, now + 1 + world.random.nextInt(LATENCY_MILLIS));
        Runnable guarded = () -> {
            if (open) {
                arrival.run();
            }
        };
        world.clock.in(due - now, guarded);
        if (world.chance(world.faults.repeat())) {
            // A copy may come long after, even when the connection is gone.
            world.clock.in(due - now + world.random.nextInt(60_000), arrival);
        }
        return late ? notBefore : due;
    }
}
