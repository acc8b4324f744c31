package interchange.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that the scheduler knows; its parts work on it in turn, on the conductor's thread. */
final class State {
    @Fleeting
    final Timing timing;

    /** Runs that have not ended. */
    @Durable
    final Map<Integer, Run> runs = new LinkedHashMap<>();

    @Durable
    final Map<Integer, SiteState> sites = new LinkedHashMap<>();

    @Durable
    final Map<Integer, Block> blocks = new LinkedHashMap<>();

    @Durable
    final Map<Integer, Worker> workers = new LinkedHashMap<>();

    @Durable
    final Map<AttemptId, Attempt> attempts = new HashMap<>();

    @Durable
    int nextWorker;

    @Durable
    int nextBlock;

    @Fleeting
    final Map<Long, Worker> sessions = new HashMap<>();

    @Fleeting
    final Map<String, Block> blocksByToken = new HashMap<>();

    @Fleeting
    final Map<Shape, ReadyQueue> queues = new HashMap<>();

    @Fleeting
    final Limits limits;

    /** Session numbers: the daemon's start in the upper half, so that none comes twice. */
    @Fleeting
    private long lastSession;

    @Fleeting
    Optional<StopMode> stopping = Optional.empty();

    @Fleeting
    final Outbox out = new Outbox();

    @Fleeting
    Now now = new Now(0, 0);

    State(Timing timing, Limits limits, int starts, int nextWorker, int nextBlock) {
        this.timing = timing;
        this.limits = limits;
        this.lastSession = (long) starts << 32;
        this.nextWorker = nextWorker;
        this.nextBlock = nextBlock;
    }

    long nextSession() {
        return ++lastSession;
    }

    long millis() {
        return now.steadyMillis();
    }

    SiteState site(int index) {
        SiteState site = sites.get(index);
        if (site == null) {
            throw new IllegalStateException("site " + index + " was never added");
        }
        return site;
    }

    Run run(int id) {
        Run run = runs.get(id);
        if (run == null) {
            throw new IllegalStateException("run " + id + " is not going on");
        }
        return run;
    }

    ReadyQueue queue(Shape shape) {
        ReadyQueue known = queues.get(shape);
        if (known != null) {
            return known;
        }
        SiteState site = site(shape.site());
        ReadyQueue queue = new ReadyQueue(shape, site, limits.sharesOf(shape, site));
        queues.put(shape, queue);
        site.queues.add(queue);
        return queue;
    }

    /** The queue of a job: that of its shape, with what has been learnt of it. */
    ReadyQueue queueOf(Run run, int job) {
        return queue(shapeNow(run, job));
    }

    /** What a job asks for, and of which pool: one that has run out of memory may need a larger one. */
    Shape shapeNow(Run run, int job) {
        Shape shape = run.shapeNow(job);
        if (!run.raisedMemoryMiB.containsKey(job)) {
            return shape;
        }
        List<SiteState> pools = poolsFor(shape);
        SiteState pool = pools.stream()
                .filter(some -> some.site.holds(shape.memoryMiB()))
                .findFirst()
                .orElse(pools.getLast());
        return pool.index() == shape.site() ? shape : shape.in(pool.site);
    }

    /** A job's pool, and the larger ones of its site whose blocks last for it; the smallest first. */
    List<SiteState> poolsFor(Shape shape) {
        List<SiteState> pools = new ArrayList<>();
        pools.add(site(shape.site()));
        for (Optional<SiteState> next = largerThan(pools.getFirst()); next.isPresent(); ) {
            if (next.get().site.lasts(shape.walltimeSeconds())) {
                pools.add(next.get());
            }
            next = largerThan(next.get());
        }
        return pools;
    }

    /** Empty as well where a later version can't read any more what the journal has of it. */
    private Optional<SiteState> largerThan(SiteState pool) {
        return sites.values().stream()
                .filter(some -> some.site.name().equals(pool.site.larger()))
                .findFirst();
    }

    Optional<Worker> session(long session) {
        return Optional.ofNullable(sessions.get(session));
    }

    /** Attempts of one run that have no end, as a list that may be worked on. */
    List<Attempt> openAttempts(int run) {
        List<Attempt> open = new ArrayList<>();
        for (Worker worker : workers.values()) {
            for (Attempt attempt : worker.attempts.values()) {
                if (attempt.id.run() == run) {
                    open.add(attempt);
                }
            }
        }
        return open;
    }
}
