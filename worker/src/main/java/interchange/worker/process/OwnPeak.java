package interchange.worker.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The most memory that this JVM ever had. Until its exec a process that posix_spawn starts has the memory of the JVM,
 * and the kernel counts that as the process's own peak: only what is clearly above it is the job's. Forks of templates are
 * started by others.
 */
final class OwnPeak {
    /** The kernel sums up memory roughly where a process runs on many cores. */
    private static final int ROUGHLY = 8;

    private final MemorySegment usage = Usage.room(Arena.ofAuto());

    /** Asked for after the job's end, and so at least what it was at its start. */
    long mayBeTakenForOursKiB() {
        Libc.ownUsage(usage);
        long peakKiB = Usage.of(usage).peakKiB();
        return peakKiB + peakKiB / ROUGHLY;
    }
}
