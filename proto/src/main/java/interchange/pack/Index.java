package interchange.pack;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;

/** Attempts and the positions of their last records, as they are collected for an index, and looked for in one. */
final class Index {
    /** Of one entry: job, number, position. */
    static final int BYTES = 16;

    /** Of the largest. */
    static final int ENTRIES_MAX = 1 << 18;

    private static final int ENTRIES_AT_FIRST = 64;

    private long[] attempts = new long[ENTRIES_AT_FIRST];
    private long[] positions = new long[ENTRIES_AT_FIRST];
    private int size;

    int size() {
        return size;
    }

    void add(int job, int number, long position) {
        if (size == attempts.length) {
            attempts = Arrays.copyOf(attempts, 2 * size);
            positions = Arrays.copyOf(positions, 2 * size);
        }
        attempts[size] = name(job, number);
        positions[size++] = position;
    }

    /** All of one that was written. */
    void addAll(ByteBuffer sorted) {
        for (int at = sorted.position(); at + BYTES <= sorted.limit(); at += BYTES) {
            long name = sorted.getLong(at);
            add((int) (name >> Integer.SIZE), (int) name, sorted.getLong(at + Long.BYTES));
        }
    }

    void clear() {
        size = 0;
    }

    private static long name(int job, int number) {
        return (long) job << Integer.SIZE | number;
    }

    /** Sorted by attempt, to be searched where it lies. */
    ByteBuffer bytes() {
        Integer[] order = new Integer[size];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Long.compare(attempts[a], attempts[b]));
        ByteBuffer to = ByteBuffer.allocate(size * BYTES);
        for (int i : order) {
            to.putLong(attempts[i]).putLong(positions[i]);
        }
        return to.flip();
    }

    /** Empty: it is not in there. */
    static OptionalLong find(ByteBuffer sorted, int job, int number) {
        long wanted = name(job, number);
        int low = 0;
        int high = sorted.remaining() / BYTES - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long there = sorted.getLong(sorted.position() + middle * BYTES);
            if (there == wanted) {
                return OptionalLong.of(sorted.getLong(sorted.position() + middle * BYTES + Long.BYTES));
            }
            if (there < wanted) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return OptionalLong.empty();
    }
}
