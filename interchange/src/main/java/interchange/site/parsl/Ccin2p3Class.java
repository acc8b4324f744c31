package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.KeyTable;
import interchange.settings.Settings;
import interchange.settings.TextList;
import interchange.settings.ValueType;
import interchange.settings.YamlFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One core for each job, of four sizes in memory, at CC-IN2P3: `Ccin2p3`. */
record Ccin2p3Class() implements ParslSite {
    private static final int GB = 1024;
    private static final String ARM = "aarch64";
    private static final List<String> ARCHITECTURES = List.of(ARM, "x86_64");
    private static final Key<List<String>> OPTIONS = Key.optional("scheduler_options", new TextList("options"), "", "");
    private static final Key<Integer> MEMORY = Key.optional("memory", new Gigabytes(true), "", "");
    private static final KeyTable SLOT_KEYS =
            new KeyTable(List.of(MEMORY, ParslKeys.WALLTIME, ParslKeys.PARTITION, ParslKeys.MAX_BLOCKS, OPTIONS));

    private static final List<Slot> SLOTS = List.of(
            Slot.of("small", 4, 3_000, "lsst,htc"),
            Slot.of("medium", 10, 1_000, "lsst"),
            Slot.of("large", 50, 100, "lsst"),
            Slot.of("xlarge", 150, 10, "lsst"));

    /** One of the four. */
    private record Slot(Key<Map<String, Object>> key, int memoryMiB, int maxBlocks, String partition) {
        static Slot of(String name, int memoryGb, int maxBlocks, String partition) {
            return new Slot(Key.optional(name, new Section(), "", ""), memoryGb * GB, maxBlocks, partition);
        }
    }

    /** Keys of one slot, which are read when it is known whose they are. */
    private record Section() implements ValueType<Map<String, Object>> {
        @Override
        public Optional<Map<String, Object>> read(Object value) {
            return value instanceof Map<?, ?> map ? Optional.of(YamlFile.named(map)) : Optional.empty();
        }

        @Override
        public Object plain(Map<String, Object> value) {
            return value;
        }

        @Override
        public String allowed() {
            return "a section of keys, such as {memory: 6}";
        }
    }

    @Override
    public List<Key<?>> keys() {
        return Stream.<Key<?>>concat(
                        Stream.of(ParslKeys.ACCOUNT, ParslKeys.PARTITION, ParslKeys.WALLTIME, OPTIONS),
                        SLOTS.stream().map(Slot::key))
                .toList();
    }

    @Override
    public List<Key<?>> required() {
        return List.of();
    }

    @Override
    public Map<String, Object> translate(Settings given, Shell shell) {
        if (!ARCHITECTURES.contains(shell.architecture())) {
            shell.problem("there are no partitions for " + shell.architecture() + " machines, as this one is; known: "
                    + String.join(", ", ARCHITECTURES));
        }
        Map<String, Object> site = new LinkedHashMap<>();
        site.put("provider", "slurm");
        site.put("account", given.find(ParslKeys.ACCOUNT).orElse("lsst"));
        site.put("nodesPerBlock", 1);
        site.put("cores", 1);
        site.put("exclusive", false);
        // The most that the node allows of open files and processes.
        site.put("commandPrefix", "ulimit -n hard\nulimit -u hard");
        Map<String, Object> pools = new LinkedHashMap<>();
        for (Slot slot : SLOTS) {
            pools.put(slot.key.name(), pool(slot, given, shell));
        }
        site.put("pools", pools);
        return site;
    }

    private static Map<String, Object> pool(Slot slot, Settings given, Shell shell) {
        String subject = shell.subject() + ", " + slot.key.name();
        Settings own = SLOT_KEYS.read(subject, given.find(slot.key).orElse(Map.of()), shell.problems());
        Map<String, Object> pool = new LinkedHashMap<>();
        int memoryMiB = own.find(MEMORY).orElse(slot.memoryMiB);
        pool.put("memory", memoryMiB);
        pool.put("maxJobMemory", memoryMiB);
        // What is said beside the class wins over what it means, but not over what its user says of this slot.
        Object beside = given.plain().getOrDefault("maxBlocks", slot.maxBlocks);
        pool.put(
                "maxBlocks",
                own.find(ParslKeys.MAX_BLOCKS).<Object>map(most -> most).orElse(beside));
        pool.put("walltime", own.over(given).find(ParslKeys.WALLTIME).orElse("72:00:00"));
        pool.put("partition", partition(slot, own, given, shell));
        List<String> options = own.find(OPTIONS)
                .filter(some -> !some.isEmpty())
                .or(() -> given.find(OPTIONS))
                .orElse(List.of("--licenses=sps"));
        if (!options.isEmpty()) {
            pool.put("schedulerOptions", "#SBATCH " + String.join(" ", options));
        }
        return pool;
    }

    /** The submitting host's environment runs on nodes of its own kind alone. */
    private static String partition(Slot slot, Settings own, Settings given, Shell shell) {
        String standard = shell.architecture().equals(ARM) ? "htc_arm" : slot.partition;
        return own.find(ParslKeys.PARTITION)
                .filter(some -> !some.isEmpty())
                .or(() -> given.find(ParslKeys.PARTITION))
                .orElse(standard);
    }
}
