package interchange.worker.process;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * A number that all that comes from a job carries, in whatever session and environment, and still when it has ended and is
 * not reaped: its soft limit of file locks, which Linux has not looked at since 2.6. Jobs inherit that of this process,
 * which has another one at each start.
 */
final class JobMark {
    private static final int FILE_LOCKS = 10;
    /** No limit that somebody would set. */
    private static final long FIRST = 1_000_000_000;

    private static final long HARD = ValueLayout.JAVA_LONG.byteSize();
    private static final byte[] LABEL = "\nMax file locks ".getBytes(StandardCharsets.US_ASCII);

    private final MemorySegment limit = Arena.ofAuto().allocate(2 * HARD, HARD);
    private long present = FIRST;

    JobMark() {
        Libc.processLimit(0, FILE_LOCKS, MemorySegment.NULL, limit);
    }

    /** For the next start. Where the hard limit is lower than that, there are no marks. */
    void next() {
        present++;
        limit.set(ValueLayout.JAVA_LONG, 0, present);
        Libc.processLimit(0, FILE_LOCKS, limit, MemorySegment.NULL);
    }

    long present() {
        return present;
    }

    /** Gives a process that was not started by this one the mark of one that was. */
    static void give(int pid, long mark) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(2 * HARD, HARD);
            if (Libc.processLimit(pid, FILE_LOCKS, MemorySegment.NULL, limit)) {
                limit.set(ValueLayout.JAVA_LONG, 0, mark);
                Libc.processLimit(pid, FILE_LOCKS, limit, MemorySegment.NULL);
            }
        }
    }

    /** Empty: it has none, or is gone. */
    static OptionalLong of(int pid, byte[] buffer) {
        int length = ProcessStat.readFile("/proc/" + pid + "/limits", buffer);
        int at = Lines.after(LABEL, buffer, length);
        long mark = at < 0 ? 0 : Lines.number(at, buffer, length);
        return mark > FIRST ? OptionalLong.of(mark) : OptionalLong.empty();
    }
}
