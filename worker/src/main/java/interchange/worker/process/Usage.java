package interchange.worker.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What getrusage(2) and wait4 say of a process and those of its descendants that were waited for.
 *
 * @param cpuMicros user and system time of all of them
 * @param peakKiB the most that one of them had in memory
 */
record Usage(long cpuMicros, long peakKiB) {
    private static final long BYTES = 144;
    private static final long SYSTEM_TIME = 16;
    private static final long PEAK = 32;
    private static final long MICROS = 8;
    private static final long MICROS_PER_SECOND = 1_000_000;

    static MemorySegment room(Arena arena) {
        return arena.allocate(BYTES, 16);
    }

    static Usage of(MemorySegment usage) {
        return new Usage(micros(usage, 0) + micros(usage, SYSTEM_TIME), usage.get(ValueLayout.JAVA_LONG, PEAK));
    }

    private static long micros(MemorySegment usage, long at) {
        return usage.get(ValueLayout.JAVA_LONG, at) * MICROS_PER_SECOND + usage.get(ValueLayout.JAVA_LONG, at + MICROS);
    }
}
