package interchange.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a block asks of Slurm, as the lines at the head of its script. */
final class SlurmHeader {
    private static final int SECONDS_OF_MINUTE = 60;
    private static final int SECONDS_OF_HOUR = 3_600;

    private SlurmHeader() {}

    static List<String> lines(BlockRequest request) {
        BlockTerms terms = request.terms();
        List<String> options = new ArrayList<>();
        // Shared by all blocks of a section, whichever pool or content they are of: singleton is about jobs of one
        // name.
        options.add("--job-name=interchange-" + terms.site());
        if (terms.singleton()) {
            options.add("--dependency=singleton");
        }
        options.add("--nodes=" + terms.nodes());
        options.add("--ntasks-per-node=1");
        addSize(terms, options);
        addText(options, "--time=", terms.walltime().isZero() ? "" : time(terms.walltime()));
        addText(options, "--partition=", terms.queue());
        addText(options, "--account=", terms.account());
        addText(options, "--qos=", terms.qos());
        addText(options, "--constraint=", terms.constraint());
        addText(options, "--exclude=", String.join(",", request.avoid()));
        // One node that fails must not end the others; where the first fails, the block is started again.
        options.add("--no-kill");
        options.add("--requeue");
        options.add("--open-mode=append");
        return options.stream().map(option -> "#SBATCH " + option).toList();
    }

    private static void addSize(BlockTerms terms, List<String> options) {
        if (terms.wholeNodes()) {
            options.add("--exclusive");
        }
        if (terms.cores() > 0) {
            options.add("--cpus-per-task=" + terms.cores());
        }
        if (terms.memoryMiB() > 0) {
            options.add("--mem=" + terms.memoryMiB() + "M");
        } else if (terms.wholeNodes()) {
            // All of it.
            options.add("--mem=0");
        }
    }

    /** Quoted as sbatch reads it: a constraint may hold {@code [a|b]&c}, and what users write a blank. */
    private static void addText(List<String> options, String option, String value) {
        if (!value.isEmpty()) {
            boolean plain = value.matches("[A-Za-z0-9_.,:/@+-]+");
            options.add(
                    option + (plain ? value : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\""));
        }
    }

    private static String time(Duration walltime) {
        long seconds = walltime.toSeconds();
        return "%d:%02d:%02d"
                .formatted(
                        seconds / SECONDS_OF_HOUR,
                        seconds % SECONDS_OF_HOUR / SECONDS_OF_MINUTE,
                        seconds % SECONDS_OF_MINUTE);
    }
}
