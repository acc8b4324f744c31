package interchange.site.parsl;

import interchange.settings.DirectiveLines;
import interchange.settings.Key;
import interchange.settings.Settings;
import interchange.settings.Text;
import interchange.settings.WholeNumber;
import interchange.settings.YesNo;
import java.util.List;
import java.util.Map;

/** Keys of the site classes, once; the defaults, which differ by class, are with the classes. */
final class ParslKeys {
    private static final int COUNT_MAX = 100_000;
    private static final WholeNumber COUNT = WholeNumber.between(1, COUNT_MAX);

    static final Key<String> CLASS = text("class");

    static final Key<Integer> CORES = count("cores");
    static final Key<Integer> NODES = count("nodes");
    static final Key<Integer> NODES_PER_BLOCK = count("nodes_per_block");
    static final Key<Integer> CORES_PER_NODE = count("cores_per_node");
    static final Key<Integer> TASKS_PER_NODE = count("tasks_per_node");
    static final Key<Integer> MAX_BLOCKS = count("max_blocks");
    static final Key<Integer> CMD_TIMEOUT = Key.optional("cmd_timeout", new WholeNumber(1, 3600, "s"), "", "");
    static final Key<Integer> MEM_PER_NODE = Key.optional("mem_per_node", new Gigabytes(true), "", "");
    static final Key<String> WALLTIME = Key.optional("walltime", new ClockTime(), "", "");
    static final Key<String> QOS = text("qos");
    static final Key<String> CONSTRAINT = text("constraint");
    static final Key<String> ACCOUNT = text("account");
    static final Key<String> QUEUE = text("queue");
    static final Key<String> PARTITION = text("partition");
    static final Key<Boolean> SINGLETON = Key.optional("singleton", new YesNo(), "", "");
    static final Key<Boolean> EXCLUSIVE = Key.optional("exclusive", new YesNo(), "", "");
    static final Key<String> SCHEDULER_OPTIONS = Key.optional("scheduler_options", new DirectiveLines(), "", "");
    static final Key<String> WORKER_INIT = Key.optional("worker_init", Text.lines(), "", "");
    static final Key<String> WORKER_OPTIONS = text("worker_options");

    /** What belonged to Parsl's own machinery. All classes take them, since a section may be used with several. */
    static final List<Key<?>> WITHOUT_EFFECT = List.of(
            idle("monitorEnable"),
            idle("monitorInterval"),
            idle("monitorFilename"),
            idle("run_dir"),
            idle("strategy"),
            idle("port"),
            idle("wq_max_retries"));

    private ParslKeys() {}

    /** What is given, under its native name. */
    static void put(Map<String, Object> site, String name, Settings given, Key<?> key) {
        given.find(key).ifPresent(value -> site.put(name, value));
    }

    private static Key<Integer> count(String name) {
        return Key.optional(name, COUNT, "", "");
    }

    private static Key<String> text(String name) {
        return Key.optional(name, Text.line(), "", "");
    }

    private static Key<Object> idle(String name) {
        return Key.optional(name, new Anything(), "", "");
    }
}
