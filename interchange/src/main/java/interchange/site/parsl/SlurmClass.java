package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Blocks of one shape from Slurm: `Slurm`, and `Tiger` and `Sdf`, which are it with other defaults. */
record SlurmClass(SlurmDefaults defaults, List<Key<?>> more) implements ParslSite {
    static final List<Key<?>> KEYS = List.of(
            ParslKeys.NODES,
            ParslKeys.CORES_PER_NODE,
            ParslKeys.WALLTIME,
            ParslKeys.MEM_PER_NODE,
            ParslKeys.QOS,
            ParslKeys.CONSTRAINT,
            ParslKeys.SINGLETON,
            ParslKeys.EXCLUSIVE,
            ParslKeys.ACCOUNT,
            ParslKeys.SCHEDULER_OPTIONS);

    SlurmClass {
        more = List.copyOf(more);
    }

    @Override
    public List<Key<?>> keys() {
        return Stream.<Key<?>>concat(KEYS.stream(), more.stream()).toList();
    }

    @Override
    public List<Key<?>> required() {
        return defaults.keys().containsKey("nodesPerBlock") ? List.of() : List.of(ParslKeys.NODES, ParslKeys.WALLTIME);
    }

    @Override
    public Map<String, Object> translate(Settings given, Shell shell) {
        Map<String, Object> site = common(defaults, given, shell);
        ParslKeys.put(site, "maxBlocks", given, ParslKeys.MAX_BLOCKS);
        return site;
    }

    /** What all classes of the family have. */
    static Map<String, Object> common(SlurmDefaults defaults, Settings given, Shell shell) {
        Map<String, Object> site = new LinkedHashMap<>(defaults.keys());
        ParslKeys.put(site, "nodesPerBlock", given, ParslKeys.NODES);
        ParslKeys.put(site, "cores", given, ParslKeys.CORES_PER_NODE);
        ParslKeys.put(site, "memory", given, ParslKeys.MEM_PER_NODE);
        ParslKeys.put(site, "walltime", given, ParslKeys.WALLTIME);
        ParslKeys.put(site, "qos", given, ParslKeys.QOS);
        ParslKeys.put(site, "constraint", given, ParslKeys.CONSTRAINT);
        ParslKeys.put(site, "singleton", given, ParslKeys.SINGLETON);
        ParslKeys.put(site, "exclusive", given, ParslKeys.EXCLUSIVE);
        ParslKeys.put(site, "account", given, ParslKeys.ACCOUNT);
        ParslKeys.put(site, "schedulerOptions", given, ParslKeys.SCHEDULER_OPTIONS);
        ParslKeys.put(site, "submitCommandTimeout", given, ParslKeys.CMD_TIMEOUT);
        if (given.find(ParslKeys.EXCLUSIVE).equals(Optional.of(false))) {
            shell.warning("exclusive: false is followed here, so blocks share their nodes with others; the Parsl plugin"
                    + " asks for whole nodes all the same");
        }
        return site;
    }
}
