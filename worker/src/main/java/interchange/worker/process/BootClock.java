package interchange.worker.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/** The machine's clocks; CLOCK_BOOTTIME, because System.nanoTime stops while a machine is suspended. One thread's. */
public final class BootClock implements Clock {
    private static final int CLOCK_BOOTTIME = 7;
    private final MemorySegment time = Arena.ofAuto().allocate(16, 8);

    @Override
    public long bootNanos() {
        Libc.clock(CLOCK_BOOTTIME, time);
        return TimeUnit.SECONDS.toNanos(time.get(ValueLayout.JAVA_LONG, 0)) + time.get(ValueLayout.JAVA_LONG, 8);
    }

    @Override
    public long epochMillis() {
        return System.currentTimeMillis();
    }
}
