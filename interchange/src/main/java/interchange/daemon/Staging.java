package interchange.daemon;

import interchange.core.Event;
import interchange.journal.JobSpec;
import interchange.journal.Write;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/**
 * Hands the parts of a large change to the conductor, one after another: each is durable before the next but one is handed
 * over. Loader thread.
 */
final class Staging {
    /** Rows of one transaction: tens of milliseconds of the loop. */
    static final int JOBS_MAX = 1_000;

    private static final long WAIT_SECONDS = 1;

    private final int run;
    private final Live live;
    private final LongConsumer waiting;
    private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);
    private long staged;

    /** The daemon stops meanwhile. */
    static final class BrokenOffException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** @param waiting told how many jobs are staged, whenever a second was waited in vain */
    Staging(int run, Live live, LongConsumer waiting) {
        this.run = run;
        this.live = live;
        this.waiting = waiting;
    }

    /** How many jobs were handed over. */
    long staged() {
        return staged;
    }

    void jobs(List<JobSpec> jobs) {
        for (int from = 0; from < jobs.size(); from += JOBS_MAX) {
            List<JobSpec> part = jobs.subList(from, Math.min(jobs.size(), from + JOBS_MAX));
            next(List.of(new Write.JobsStaged(run, part)), List.of());
            staged += part.size();
        }
    }

    /** Hands over a part when the one before it is durable. */
    void next(List<Write> writes, List<Event> events) {
        await();
        underWay = live.stage(writes, events);
    }

    /** Returns when all that was handed over is durable. */
    void await() {
        while (true) {
            try {
                underWay.get(WAIT_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException e) {
                waiting.accept(staged);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BrokenOffException();
            } catch (ExecutionException e) {
                throw new IllegalStateException("a part of run " + run + " could not be staged", e.getCause());
            }
        }
    }
}
