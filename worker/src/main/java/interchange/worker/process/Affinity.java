package interchange.worker.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;

/** On which processors threads may run, see sched_setaffinity(2). A process has that of the thread that started it. */
public final class Affinity {
    /** Of as many processors as kernels can have. */
    private static final int MASK_BYTES = 1024;

    private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");

    private Affinity() {}

    public static BitSet ofThisThread() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, ValueLayout.JAVA_LONG.byteAlignment());
            Libc.affinity(0, mask);
            return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** False: none of them may be used any more. */
    public static boolean setOfThisThread(BitSet processors) {
        return setOf(0, processors);
    }

    /** Of the first thread of a process. */
    public static boolean setOf(int pid, BitSet processors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MASK_BYTES, ValueLayout.JAVA_LONG.byteAlignment());
            byte[] bits = processors.toByteArray();
            MemorySegment.copy(bits, 0, mask, ValueLayout.JAVA_BYTE, 0, bits.length);
            return Libc.setAffinity(pid, mask);
        }
    }

    /** The same processors by core: those that are threads of one are together. */
    public static List<BitSet> cores(BitSet processors) {
        var cores = new LinkedHashMap<String, BitSet>();
        processors.stream()
                .forEach(one -> cores.computeIfAbsent(siblings(one), siblings -> new BitSet())
                        .set(one));
        return new ArrayList<>(cores.values());
    }

    /** The same text for all threads of a core. */
    private static String siblings(int processor) {
        try {
            return Files.readString(PROCESSORS.resolve("cpu" + processor + "/topology/thread_siblings_list"));
        } catch (IOException e) {
            return "cpu" + processor;
        }
    }
}
