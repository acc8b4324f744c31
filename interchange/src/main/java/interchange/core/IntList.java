package interchange.core;

import java.util.Arrays;

/** Ints that grow in one array, without a box for each. */
public final class IntList {
    private static final int INITIAL = 64;

    private int[] values = new int[INITIAL];
    private int size;

    public void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size + (size >> 1));
        }
        values[size++] = value;
    }

    public int get(int index) {
        return values[index];
    }

    public int size() {
        return size;
    }

    public int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
