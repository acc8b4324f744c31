package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Blocks for small, medium and large jobs, which differ in their walltimes: `TripleSlurm`, and `CoriKnl`. */
record TripleSlurmClass(SlurmDefaults defaults) implements ParslSite {
    private static final List<Size> SIZES =
            List.of(Size.of("small", 2, "10:00:00"), Size.of("medium", 4, "10:00:00"), Size.of("large", 8, "40:00:00"));

    /** One of the three. */
    private record Size(
            String name, Key<Integer> memory, int memoryMiB, Key<String> walltime, String standardWalltime) {
        static Size of(String name, int memoryGb, String walltime) {
            return new Size(
                    name,
                    Key.optional(name + "_memory", new Gigabytes(false), "", ""),
                    memoryGb * 1024,
                    Key.optional(name + "_walltime", new ClockTime(), "", ""),
                    walltime);
        }
    }

    @Override
    public List<Key<?>> keys() {
        return Stream.<Key<?>>concat(
                        SlurmClass.KEYS.stream(), SIZES.stream().flatMap(size -> Stream.of(size.memory, size.walltime)))
                .toList();
    }

    @Override
    public List<Key<?>> required() {
        return defaults.keys().containsKey("nodesPerBlock") ? List.of() : List.of(ParslKeys.NODES);
    }

    @Override
    public Map<String, Object> translate(Settings given, Shell shell) {
        Map<String, Object> site = SlurmClass.common(defaults, given, shell);
        Map<String, Object> pools = new LinkedHashMap<>();
        for (Size size : SIZES) {
            pools.put(size.name, pool(size, given));
        }
        site.put("pools", pools);
        return site;
    }

    /** The memory is that of the jobs: blocks of all three have what {@code mem_per_node} says. */
    private static Map<String, Object> pool(Size size, Settings given) {
        Map<String, Object> pool = new LinkedHashMap<>();
        pool.put("maxJobMemory", given.find(size.memory).orElse(size.memoryMiB));
        String own = given.find(size.walltime).orElse(size.standardWalltime);
        pool.put("walltime", given.find(ParslKeys.WALLTIME).orElse(own));
        return pool;
    }
}
