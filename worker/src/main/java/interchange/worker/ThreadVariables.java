package interchange.worker;

import interchange.proto.worker.Task;
import interchange.worker.process.Environment;
import java.util.List;
import java.util.Map;

/**
 * The variables by which libraries are told how many threads to start: without them each job of a node starts as many as
 * the node has cores.
 */
final class ThreadVariables {
    /** The others fall back on this one: where it is given, it is meant for them as well. */
    static final String GENERAL = "OMP_NUM_THREADS";

    static final List<String> OTHERS =
            List.of("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS");

    private ThreadVariables() {}

    /** @param own those of the job so far, to which the ones are added that nobody has given */
    static void addTo(Map<String, String> own, Task task, Environment environment) {
        if (own.containsKey(GENERAL) || environment.has(GENERAL)) {
            return;
        }
        String cpus = Integer.toString(Math.max(1, task.getCpus()));
        own.put(GENERAL, cpus);
        for (String name : OTHERS) {
            if (!environment.has(name)) {
                own.putIfAbsent(name, cpus);
            }
        }
    }
}
