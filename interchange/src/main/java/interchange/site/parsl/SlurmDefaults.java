package interchange.site.parsl;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a class of the Slurm family asks for where its user says nothing.
 *
 * @param keys in native keys
 */
record SlurmDefaults(Map<String, Object> keys) {
    private static final int GB = 1024;

    /** Parsl's provider asks for one block at once and for whole nodes, whatever the class says of `exclusive`. */
    private static final Map<String, Object> PROVIDER = Map.of(
            "provider", "slurm",
            "initBlocks", 1,
            "minBlocks", 0,
            "maxBlocks", 1,
            "parallelism", 1,
            "exclusive", true);

    static final SlurmDefaults NONE = new SlurmDefaults(PROVIDER);

    /** One block runs, another waits for its end. */
    static final SlurmDefaults TIGER = new SlurmDefaults(over(Map.of(
            "nodesPerBlock",
            4,
            "cores",
            112,
            "memory",
            980 * GB,
            "walltime",
            "05:00:00",
            "singleton",
            true,
            "minBlocks",
            1,
            "maxBlocks",
            2,
            // Its nodes reach the login node by InfiniBand alone.
            "address",
            List.of("ib*", "op*"),
            "submitCommandTimeout",
            300)));

    static final SlurmDefaults SDF = new SlurmDefaults(over(Map.of(
            "nodesPerBlock",
            1,
            "cores",
            100,
            "memory",
            400 * GB,
            "walltime",
            "02:00:00",
            "qos",
            "normal",
            "singleton",
            true,
            "minBlocks",
            1,
            "maxBlocks",
            2,
            "schedulerOptions",
            "#SBATCH --partition=rubin")));

    /** Parsl's parallelism is 0 there, which is one block at a time, as is any with one block at most. */
    static final SlurmDefaults CORI_KNL = new SlurmDefaults(over(Map.of(
            "nodesPerBlock",
            1,
            "constraint",
            "knl",
            "initBlocks",
            0,
            "schedulerOptions",
            "#SBATCH --module=cvmfs\n#SBATCH --licenses=cvmfs\n#SBATCH --time-min=2:00:00",
            "submitCommandTimeout",
            300)));

    SlurmDefaults {
        keys = Map.copyOf(keys);
    }

    private static Map<String, Object> over(Map<String, Object> more) {
        Map<String, Object> both = new LinkedHashMap<>(PROVIDER);
        both.putAll(more);
        return both;
    }
}
