package interchange.worker;

import interchange.worker.process.Environment;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Tells once when jobs that asked for it are to be told that the block is about to end. The loop's. */
final class LastCall {
    /** Set to anything but 0 in a job's environment, it asks for a TERM. */
    static final String VARIABLE = "INTERCHANGE_TERM_BEFORE_END";

    /** What is still there then is killed, so that its end can be told: the batch system ends us as well. */
    private static final long KILL_BEFORE_END_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Of a short notice, most is left to the jobs. */
    private static final int PART_OF_NOTICE = 4;

    private final BlockEnd end;
    private long noticeNanos;
    private boolean done;

    LastCall(BlockEnd end) {
        this.end = end;
    }

    /** @param nanos before the end of the block; 0: there is no call */
    void noticeOf(long nanos) {
        noticeNanos = nanos;
    }

    /** Long.MAX_VALUE: never. */
    long dueNanos() {
        return done || noticeNanos <= 0 || !end.isKnown() ? Long.MAX_VALUE : end.nanos() - noticeNanos;
    }

    /** True once. */
    boolean isDue(long now) {
        if (now < dueNanos()) {
            return false;
        }
        done = true;
        return true;
    }

    /** Between TERM and KILL. */
    long graceNanos(long now) {
        long reserve = Math.min(KILL_BEFORE_END_NANOS, noticeNanos / PART_OF_NOTICE);
        return Math.max(0, end.nanos() - reserve - now);
    }

    static boolean isWantedBy(Attempt attempt) {
        Map<String, String> own = attempt.task().getVariablesMap();
        Environment shared = attempt.environment();
        String value = own.getOrDefault(VARIABLE, shared.value(VARIABLE));
        return !value.isEmpty() && !value.equals("0");
    }
}
