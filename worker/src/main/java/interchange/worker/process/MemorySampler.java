package interchange.worker.process;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Looks at the memory of running jobs, on a thread of its own: at all of them and the node once a second, and more often
 * while memory is getting short; at young ones a few times before.
 */
public final class MemorySampler {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORT_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** On a node with very many processes it looks less often, so that it takes at most a fiftieth of one core. */
    private static final int PERIOD_OVER_COST = 50;
    /** A node without memory is worth a tenth of a core. */
    private static final int SHORT_PERIOD_OVER_COST = 10;
    /** While there are only younger ones, the table of all processes is not read for them. */
    private static final long YOUNG_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Reaper reaper;
    private final NodeMemory node;
    private final Consumer<MemoryLook> told;
    private final TreeLooks trees;
    private final YoungLooks young;
    private final Thread thread = Thread.ofPlatform().name("sampler").daemon().unstarted(this::run);
    private volatile boolean asleep;
    private boolean gettingShort;

    private MemorySampler(Reaper reaper, NodeMemory node, Optional<JobCgroups> cgroups, Consumer<MemoryLook> told) {
        this.reaper = reaper;
        this.node = node;
        this.told = told;
        var scores = new OomScores();
        trees = new TreeLooks(reaper, scores);
        young = new YoungLooks(reaper, scores, cgroups);
    }

    /**
     * @param cgroups into which jobs are put when they are not quite young any more
     * @param told of the node's memory after each look at all jobs, by this thread
     */
    public static void start(Reaper reaper, NodeMemory node, Optional<JobCgroups> cgroups, Consumer<MemoryLook> told) {
        var sampler = new MemorySampler(reaper, node, cgroups, told);
        reaper.whenOneStarts(sampler::wake);
        sampler.thread.start();
    }

    /** Costs a start next to nothing while there are others. */
    private void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        long nextNanos = System.nanoTime();
        while (true) {
            long before = System.nanoTime();
            long tickNanos = TICK_NANOS;
            if (before - nextNanos >= 0) {
                if (isWorthwhile(before)) {
                    look();
                }
                nextNanos = System.nanoTime() + period(System.nanoTime() - before);
            } else {
                young.look(before);
                tickNanos = Math.max(TICK_NANOS, PERIOD_OVER_COST * (System.nanoTime() - before));
            }
            sleep(tickNanos, nextNanos);
        }
    }

    private boolean isWorthwhile(long now) {
        return reaper.live().values().stream()
                .anyMatch(process -> gettingShort || now - process.startedNanos() > YOUNG_NANOS);
    }

    private void look() {
        trees.look(gettingShort);
        node.now().ifPresent(look -> {
            gettingShort = look.isGettingShort();
            told.accept(look);
        });
    }

    private long period(long costNanos) {
        return gettingShort
                ? Math.max(SHORT_PERIOD_NANOS, SHORT_PERIOD_OVER_COST * costNanos)
                : Math.max(PERIOD_NANOS, PERIOD_OVER_COST * costNanos);
    }

    private void sleep(long tickNanos, long nextNanos) {
        asleep = true;
        if (young.areThere(System.nanoTime())) {
            asleep = false;
            LockSupport.parkNanos(Math.min(tickNanos, nextNanos - System.nanoTime()));
        } else {
            LockSupport.parkNanos(nextNanos - System.nanoTime());
            asleep = false;
        }
    }
}
