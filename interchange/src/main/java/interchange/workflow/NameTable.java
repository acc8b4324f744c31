package interchange.workflow;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Names numbered in the order in which they first appear.
 *
 * <p>All in a few arrays: a million names cost some 50 MiB, a fourth of what a map of strings does.
 */
final class NameTable {
    private static final int INITIAL = 1 << 10;

    private byte[] bytes = new byte[INITIAL * 16];
    private int[] offsets = new int[INITIAL + 1];
    private int[] hashes = new int[INITIAL];
    /** Open addressing: id + 1, or 0. At most half full. */
    private int[] slots = new int[INITIAL * 2];

    private int size;

    int size() {
        return size;
    }

    /** The number of a name, a new one if it is new. */
    int idOf(String name) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        int hash = spread(name.hashCode());
        int slot = hash & (slots.length - 1);
        while (slots[slot] != 0) {
            int id = slots[slot] - 1;
            if (hashes[id] == hash && same(id, encoded)) {
                return id;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        return add(encoded, hash);
    }

    String name(int id) {
        return new String(bytes, offsets[id], offsets[id + 1] - offsets[id], StandardCharsets.UTF_8);
    }

    private boolean same(int id, byte[] encoded) {
        return Arrays.equals(bytes, offsets[id], offsets[id + 1], encoded, 0, encoded.length);
    }

    private int add(byte[] encoded, int hash) {
        if (size == hashes.length) {
            grow();
        }
        int start = offsets[size];
        int end = Math.addExact(start, encoded.length);
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(end, (int) Math.min(Integer.MAX_VALUE - 8L, bytes.length * 3L / 2)));
        }
        System.arraycopy(encoded, 0, bytes, start, encoded.length);
        hashes[size] = hash;
        offsets[++size] = end;
        put(size - 1);
        return size - 1;
    }

    private void grow() {
        int capacity = size * 2;
        hashes = Arrays.copyOf(hashes, capacity);
        offsets = Arrays.copyOf(offsets, capacity + 1);
        slots = new int[capacity * 2];
        for (int id = 0; id < size; id++) {
            put(id);
        }
    }

    private void put(int id) {
        int slot = hashes[id] & (slots.length - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = id + 1;
    }

    /** Names that differ in their last digits alone have hash codes side by side. */
    private static int spread(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ (mixed >>> 15);
    }
}
