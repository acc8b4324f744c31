package interchange.core;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ready jobs of one shape, best first: priority, then the longest path below, then the older run and the lower index.
 *
 * <p>A binary heap over two arrays of longs, so that a million waiting jobs cost 16 MB and no objects. A job that is no
 * longer ready stays until it comes to the top and is dropped there; {@link #live} counts those that are.
 */
final class ReadyQueue {
    private static final int INITIAL_CAPACITY = 64;

    @Fleeting
    final Shape shape;

    @Fleeting
    final SiteState site;

    /** What each of its jobs counts for. */
    @Fleeting
    final List<Limit.Share> shares;

    @Fleeting
    private long[] ranks = new long[INITIAL_CAPACITY];

    @Fleeting
    private long[] jobs = new long[INITIAL_CAPACITY];

    @Fleeting
    private int size;

    @Fleeting
    private int live;

    /** Since when the best job has waited while others of the site were started; 0: it has not. */
    @Fleeting
    private long passedOverSinceMillis;

    /** A worker that is kept free for the best job. */
    @Fleeting
    private Optional<Worker> reserved = Optional.empty();

    ReadyQueue(Shape shape, SiteState site, List<Limit.Share> shares) {
        this.shape = shape;
        this.site = site;
        this.shares = List.copyOf(shares);
        shares.forEach(share -> share.limit().queues.add(this));
    }

    /** Nothing waits in it any more. */
    void close() {
        letGo();
        shares.forEach(share -> share.limit().queues.remove(this));
    }

    /** Whether its limits let one more of its jobs start. */
    boolean mayStart() {
        // A loop with an index: it runs for each worker that is looked at.
        for (int i = 0; i < shares.size(); i++) {
            if (!shares.get(i).isFree()) {
                return false;
            }
        }
        return true;
    }

    /**
     * How many of its jobs could start if there were workers: not more than its limits leave.
     *
     * @param left what others have left of limits; less by these jobs afterwards
     */
    int startable(Map<Limit, Integer> left) {
        int jobs = live;
        for (int i = 0; i < shares.size(); i++) {
            Limit.Share share = shares.get(i);
            int free = left.computeIfAbsent(share.limit(), Limit::free);
            jobs = Math.min(jobs, free / share.weight());
        }
        for (int i = 0; i < shares.size(); i++) {
            Limit.Share share = shares.get(i);
            left.merge(share.limit(), -jobs * share.weight(), Integer::sum);
        }
        return jobs;
    }

    int live() {
        return live;
    }

    /** How many of its jobs are of a run; looks at all of them. */
    int liveOf(Run run) {
        int count = 0;
        for (int at = 0; at < size; at++) {
            boolean same = (int) (jobs[at] >>> 32) == run.id();
            count += same && run.state((int) jobs[at]) == JobState.READY ? 1 : 0;
        }
        return Math.min(count, live);
    }

    /** A job of this shape stopped being ready without having been polled. */
    void forgetOne() {
        live--;
    }

    /** The rank by which queues are compared too: lower is better. */
    static long rank(int priority, int depth) {
        return ((long) ~priority << 32) | (Integer.MAX_VALUE - (long) depth);
    }

    void add(int run, int job, int priority, int depth) {
        if (size == ranks.length) {
            ranks = Arrays.copyOf(ranks, size * 2);
            jobs = Arrays.copyOf(jobs, size * 2);
        }
        live++;
        siftUp(size++, rank(priority, depth), pack(run, job));
    }

    boolean isEmpty() {
        return size == 0;
    }

    long headRank() {
        return ranks[0];
    }

    int headRun() {
        return (int) (jobs[0] >>> 32);
    }

    int headJob() {
        return (int) jobs[0];
    }

    /** Takes the head off because it has been given to a worker. */
    void take() {
        live--;
        passedOverSinceMillis = 0;
        letGo();
        drop();
    }

    Optional<Worker> reserved() {
        return reserved;
    }

    void reserve(Worker worker) {
        letGo();
        reserved = Optional.of(worker);
        worker.keptFor = Optional.of(this);
    }

    /** Its worker, if it has one, is kept for nobody any more. */
    void letGo() {
        reserved.ifPresent(worker -> worker.keptFor = Optional.empty());
        reserved = Optional.empty();
    }

    /** The best job would have been next, and another was started. */
    void passedOver(long nowMillis) {
        if (passedOverSinceMillis == 0) {
            passedOverSinceMillis = nowMillis;
        }
    }

    /** It waits for something else than a worker. */
    void notPassedOver() {
        passedOverSinceMillis = 0;
        letGo();
    }

    long passedOverFor(long nowMillis) {
        return passedOverSinceMillis == 0 ? 0 : nowMillis - passedOverSinceMillis;
    }

    /** Takes the head off because it is not ready any more. */
    void drop() {
        size--;
        long rank = ranks[size];
        long job = jobs[size];
        if (size > 0) {
            siftDown(rank, job);
        }
        if (size > INITIAL_CAPACITY && size < ranks.length / 4) {
            ranks = Arrays.copyOf(ranks, ranks.length / 2);
            jobs = Arrays.copyOf(jobs, jobs.length / 2);
        }
    }

    private static long pack(int run, int job) {
        return ((long) run << 32) | job;
    }

    private static boolean before(long rankA, long jobA, long rankB, long jobB) {
        return rankA < rankB || (rankA == rankB && jobA < jobB);
    }

    private void siftUp(int from, long rank, long job) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (!before(rank, job, ranks[parent], jobs[parent])) {
                break;
            }
            ranks[at] = ranks[parent];
            jobs[at] = jobs[parent];
            at = parent;
        }
        ranks[at] = rank;
        jobs[at] = job;
    }

    private void siftDown(long rank, long job) {
        int at = 0;
        int child = 1;
        while (child < size) {
            if (child + 1 < size && before(ranks[child + 1], jobs[child + 1], ranks[child], jobs[child])) {
                child++;
            }
            if (!before(ranks[child], jobs[child], rank, job)) {
                break;
            }
            ranks[at] = ranks[child];
            jobs[at] = jobs[child];
            at = child;
            child = 2 * at + 1;
        }
        ranks[at] = rank;
        jobs[at] = job;
    }
}
