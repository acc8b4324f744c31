package interchange.worker.process;

import interchange.shared.Sha256;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The variables that many jobs share, laid out once as C wants them; what differs for a job is put over them at its
 * start, without touching the others. Freed when nobody refers to it any more.
 */
public final class Environment {
    /** The file mode mask of the submitting shell, octal. Ours is no measure: daemons keep their files to themselves. */
    private static final String UMASK = "INTERCHANGE_UMASK";

    private static final int DEFAULT_UMASK = 022;
    private static final int ALL_PERMISSIONS = 0777;
    private static final long POINTER_BYTES = ValueLayout.ADDRESS.byteSize();

    private final MemorySegment pointers;
    private final Map<String, Integer> places = new HashMap<>();
    private final Map<String, String> variables;
    private final String path;
    private final int umask;
    private String fingerprint = "";

    public Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
        Arena arena = Arena.ofAuto();
        pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, variables.size()));
        variables.forEach((name, value) -> {
            int place = places.size();
            pointers.setAtIndex(ValueLayout.ADDRESS, place, arena.allocateFrom(name + '=' + value));
            places.put(name, place);
        });
        path = variables.getOrDefault("PATH", "");
        umask = octal(variables.getOrDefault(UMASK, ""));
    }

    private static int octal(String text) {
        return text.matches("[0-7]{1,4}") ? Integer.parseInt(text, 8) & ALL_PERMISSIONS : DEFAULT_UMASK;
    }

    /** Equal for equal variables, and, as nearly as anything is, for no others. */
    public String fingerprint() {
        if (fingerprint.isEmpty()) {
            var all = new StringBuilder();
            new TreeMap<>(variables)
                    .forEach((name, value) ->
                            all.append(name).append('=').append(value).append('\0'));
            fingerprint = Sha256.of(all.toString());
        }
        return fingerprint;
    }

    public Map<String, String> variables() {
        return variables;
    }

    /** What the files of a job may not be for others. */
    public int umask() {
        return umask;
    }

    public boolean has(String name) {
        return places.containsKey(name);
    }

    /** Empty: there is none. */
    public String value(String name) {
        return variables.getOrDefault(name, "");
    }

    /** The PATH of a job with these variables over it. */
    String path(Map<String, String> over) {
        return over.getOrDefault("PATH", path);
    }

    /** The array of pointers for a job, ended by a null pointer; lives as long as the allocator's arena and this. */
    MemorySegment with(Map<String, String> over, SegmentAllocator allocator) {
        MemorySegment all = allocator.allocate(ValueLayout.ADDRESS, (long) places.size() + over.size() + 1);
        MemorySegment.copy(pointers, 0, all, 0, places.size() * POINTER_BYTES);
        int end = places.size();
        for (var variable : over.entrySet()) {
            Integer place = places.get(variable.getKey());
            MemorySegment text = allocator.allocateFrom(variable.getKey() + '=' + variable.getValue());
            all.setAtIndex(ValueLayout.ADDRESS, place == null ? end++ : place, text);
        }
        all.setAtIndex(ValueLayout.ADDRESS, end, MemorySegment.NULL);
        return all;
    }

    static MemorySegment array(List<String> texts, SegmentAllocator allocator) {
        MemorySegment all = allocator.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            all.setAtIndex(ValueLayout.ADDRESS, i, allocator.allocateFrom(texts.get(i)));
        }
        all.setAtIndex(ValueLayout.ADDRESS, texts.size(), MemorySegment.NULL);
        return all;
    }
}
