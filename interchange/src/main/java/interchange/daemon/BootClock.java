package interchange.daemon;

import interchange.core.Now;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.function.Supplier;

/**
 * The machine's clocks: CLOCK_BOOTTIME for leases and timers, the wall clock for rows.
 *
 * <p>Java's own {@code nanoTime} is CLOCK_MONOTONIC, which stands still while the machine is suspended: a worker's lease
 * would be over while the daemon thought that no time had passed. Belongs to any thread.
 */
public final class BootClock implements Supplier<Now> {
    /** From {@code linux/time.h}. */
    private static final int CLOCK_BOOTTIME = 7;

    private static final int TIMESPEC_BYTES = 16;
    private static final long MILLIS_PER_SECOND = 1_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final MethodHandle clockGetTime;

    public BootClock() {
        Linker linker = Linker.nativeLinker();
        MemorySegment symbol = linker.defaultLookup()
                .find("clock_gettime")
                .orElseThrow(() -> new IllegalStateException("the C library has no clock_gettime"));
        clockGetTime = linker.downcallHandle(
                symbol,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                Linker.Option.critical(false));
    }

    @Override
    public Now get() {
        return new Now(bootMillis(), System.currentTimeMillis());
    }

    /** Since the machine was started, suspended time included. */
    public long bootMillis() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timespec = arena.allocate(MemoryLayout.sequenceLayout(TIMESPEC_BYTES, ValueLayout.JAVA_BYTE));
            int failed = (int) clockGetTime.invokeExact(CLOCK_BOOTTIME, timespec);
            if (failed != 0) {
                throw new IllegalStateException("clock_gettime(CLOCK_BOOTTIME) failed");
            }
            long seconds = timespec.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
            long nanos = timespec.get(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES);
            return seconds * MILLIS_PER_SECOND + nanos / NANOS_PER_MILLI;
        } catch (RuntimeException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("clock_gettime can't be called", e);
        }
    }
}
