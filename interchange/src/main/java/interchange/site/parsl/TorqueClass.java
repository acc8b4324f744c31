package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Blocks from Torque: `Torque`. Its tasks of a node are workers of one core each; here, cores of one worker. */
record TorqueClass() implements ParslSite {
    private static final Key<String> WALLTIME = Key.optional("walltime", new TorqueTime(), "", "");

    @Override
    public List<Key<?>> keys() {
        return List.of(
                ParslKeys.QUEUE,
                ParslKeys.NODES,
                ParslKeys.TASKS_PER_NODE,
                WALLTIME,
                ParslKeys.WORKER_INIT,
                ParslKeys.SCHEDULER_OPTIONS);
    }

    @Override
    public List<Key<?>> required() {
        return List.of(ParslKeys.NODES, WALLTIME);
    }

    @Override
    public Map<String, Object> translate(Settings given, Shell shell) {
        Map<String, Object> site = new LinkedHashMap<>();
        site.put("provider", "pbs");
        site.put("initBlocks", 1);
        site.put("cores", 1);
        site.put("exclusive", false);
        ParslKeys.put(site, "queue", given, ParslKeys.QUEUE);
        ParslKeys.put(site, "nodesPerBlock", given, ParslKeys.NODES);
        ParslKeys.put(site, "cores", given, ParslKeys.TASKS_PER_NODE);
        ParslKeys.put(site, "walltime", given, WALLTIME);
        ParslKeys.put(site, "commandPrefix", given, ParslKeys.WORKER_INIT);
        ParslKeys.put(site, "schedulerOptions", given, ParslKeys.SCHEDULER_OPTIONS);
        return site;
    }
}
