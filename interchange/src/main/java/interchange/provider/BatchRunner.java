package interchange.provider;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the commands of batch systems, a few of each at a time, so that a slow one keeps nobody else waiting. May be called
 * from any thread; callbacks come on its own threads, or at once on the caller's where a command is not taken, and must
 * only hand the answer on.
 */
public final class BatchRunner implements AutoCloseable {
    /** Commands of one batch system that may wait for their turn; more are not taken. */
    private static final int WAITING_MAX = 1_000;

    /** Idle threads leave after this time. */
    private static final long IDLE_SECONDS = 30;

    private static final Logger LOG = LoggerFactory.getLogger(BatchRunner.class);

    private final int atOnce;
    private final Map<String, ThreadPoolExecutor> lanes = new ConcurrentHashMap<>();

    /** @param atOnce commands of one batch system that may run at the same time */
    public BatchRunner(int atOnce) {
        this.atOnce = atOnce;
    }

    /**
     * Runs a command when its turn comes.
     *
     * @param lane commands of one lane, which is a provider's name, wait for one another
     * @param done called once, always
     */
    public void run(String lane, Call call, Consumer<Answer> done) {
        try {
            lanes.computeIfAbsent(lane, this::open).execute(() -> done.accept(answer(call)));
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // The latter when no thread can be started.
            done.accept(new Answer(
                    -1,
                    "",
                    "more than " + WAITING_MAX + " commands wait, or we are stopping, or there are no threads left",
                    Answer.Fate.NOT_TAKEN));
        }
    }

    /** Whoever asked waits for this answer and asks nothing else meanwhile, so there must be one. */
    private static Answer answer(Call call) {
        try {
            return RunningCall.run(call);
        } catch (RuntimeException | Error e) {
            LOG.error("Running {} went wrong", call.argv().getFirst(), e);
            return new Answer(-1, "", "running it went wrong: " + e, Answer.Fate.TIMED_OUT);
        }
    }

    private ThreadPoolExecutor open(String lane) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                atOnce,
                atOnce,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().daemon().name("batch-" + lane + "-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Runs nothing more; what runs is killed, and answered as timed out. */
    @Override
    public void close() {
        lanes.values().forEach(ThreadPoolExecutor::shutdownNow);
    }
}
