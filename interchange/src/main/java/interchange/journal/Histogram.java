package interchange.journal;

import java.util.Arrays;

/**
 * Counts numbers from 0 up in classes whose width is at most a 128th of their numbers, so that what is told of a million
 * of them takes no more room than of ten.
 */
public final class Histogram {
    /** Numbers below are counted each by itself. */
    private static final int EXACT = 256;

    private static final int CLASSES_BY_DOUBLING = EXACT / 2;
    private static final int BITS = Integer.numberOfTrailingZeros(EXACT);

    private int[] counts = new int[EXACT];
    private long count;
    private long total;
    private long maximum;

    void add(long number) {
        long value = Math.max(0, number);
        int at = classOf(value);
        if (at >= counts.length) {
            counts = Arrays.copyOf(counts, at + CLASSES_BY_DOUBLING);
        }
        counts[at]++;
        count++;
        total += value;
        maximum = Math.max(maximum, value);
    }

    private static int classOf(long value) {
        if (value < EXACT) {
            return (int) value;
        }
        int shift = Long.SIZE - Long.numberOfLeadingZeros(value) - BITS;
        return EXACT + (shift - 1) * CLASSES_BY_DOUBLING + (int) (value >>> shift) - CLASSES_BY_DOUBLING;
    }

    /** The highest number of a class. */
    private static long topOf(int at) {
        if (at < EXACT) {
            return at;
        }
        int shift = (at - EXACT) / CLASSES_BY_DOUBLING + 1;
        long first = (at - EXACT) % CLASSES_BY_DOUBLING + CLASSES_BY_DOUBLING;
        return ((first + 1) << shift) - 1;
    }

    public long count() {
        return count;
    }

    public long total() {
        return total;
    }

    public long maximum() {
        return maximum;
    }

    /**
     * The lowest number of which it is known that so many of a hundred are not above it; 0 of nothing.
     *
     * @param percent from 0 to 100
     */
    public long percentile(int percent) {
        long wanted = Math.max(1, (count * percent + 99) / 100);
        long seen = 0;
        for (int at = 0; at < counts.length; at++) {
            seen += counts[at];
            if (seen >= wanted) {
                return Math.min(topOf(at), maximum);
            }
        }
        return maximum;
    }
}
