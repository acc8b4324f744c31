package interchange.core;

import java.util.Arrays;

/** A growing stack of job indices. */
final class IntStack {
    private static final int INITIAL_CAPACITY = 16;

    private int[] values = new int[INITIAL_CAPACITY];
    private int size;

    void push(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    int pop() {
        return values[--size];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        size = 0;
        values = new int[INITIAL_CAPACITY];
    }
}
