package interchange.worker;

import interchange.proto.worker.Limits.EnforceMemory;
import java.util.concurrent.TimeUnit;

/**
 * What the site holds its jobs to.
 *
 * @param marginPercent what a job may take above its request, where memory is enforced
 * @param pin whether each job has cores of its own
 * @param drainBeforeNanos so long before the end of the block those that asked for it are told
 */
record Limits(EnforceMemory memory, int marginPercent, boolean pin, long drainBeforeNanos) {
    /** Until a daemon has said something. */
    static final Limits UNKNOWN = new Limits(EnforceMemory.OBSERVE, 0, false, 0);

    static Limits of(interchange.proto.worker.Limits limits) {
        return new Limits(
                limits.getEnforceMemory(),
                limits.getMemoryMargin(),
                limits.getPin(),
                TimeUnit.MILLISECONDS.toNanos(limits.getDrainBeforeMillis()));
    }

    boolean enforcesMemory() {
        return memory == EnforceMemory.ON;
    }

    boolean looksAtMemory() {
        return memory != EnforceMemory.OFF;
    }
}
