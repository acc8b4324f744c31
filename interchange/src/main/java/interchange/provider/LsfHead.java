package interchange.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a block asks of LSF, as the head of its script.
 *
 * <p>Of nodes, LSF counts slots: so many on each, by {@code span[ptile]}. It can't be asked for all that a node has, and
 * most queues refuse {@code -x}, which keeps others away: so where a site gives no cores, it gets what one slot is, a core
 * of each node. Where it says {@code exclusive} as well, the worker takes all that it finds.
 *
 * <p>Memory is reserved on each node ({@code rusage}), not limited ({@code -M}, whose unit and scope are every site's own).
 * From LSF 10 on it carries its unit, so that LSF_UNIT_FOR_LIMITS does not change it; before, and in openlava, it is in
 * MiB by definition. Where RESOURCE_RESERVE_PER_TASK is set it would count for each slot: there it is left out and asked
 * for in schedulerOptions.
 */
final class LsfHead {
    /** What LSF says of the job itself, at its end. Without it, that is a mail. */
    private static final String OUTPUT = "batch.out";

    private LsfHead() {}

    /** The same request with the cores that are really asked for. */
    static BlockRequest asked(BlockRequest request) {
        BlockTerms terms = request.terms();
        return terms.cores() == 0 && !exclusive(terms) ? request.withTerms(terms.askingAndOffering(1)) : request;
    }

    static List<String> lines(BlockRequest request, LsfDialect dialect) {
        BlockTerms terms = request.terms();
        int slots = Math.max(1, terms.cores());
        List<String> options = new ArrayList<>(List.of(
                "-J " + request.token(),
                "-o " + quoted(request.directory().resolve(OUTPUT).toString()),
                "-r",
                "-n " + (long) slots * terms.nodes(),
                "-R " + quoted(resources(request, slots, dialect))));
        if (!terms.walltime().isZero()) {
            options.add("-W " + minutes(terms.walltime()));
        }
        if (!terms.queue().isEmpty()) {
            options.add("-q " + terms.queue());
        }
        if (!terms.account().isEmpty()) {
            // What is charged. Groups of users (-G) are for shares, and are asked for in schedulerOptions.
            options.add("-P " + quoted(terms.account()));
        }
        if (exclusive(terms)) {
            options.add("-x");
        }
        return options.stream().map(option -> "#BSUB " + option).toList();
    }

    private static boolean exclusive(BlockTerms terms) {
        return terms.exclusive().orElse(false);
    }

    /** One string: older ones take the last -R alone. */
    private static String resources(BlockRequest request, int slots, LsfDialect dialect) {
        BlockTerms terms = request.terms();
        List<String> wanted = new ArrayList<>();
        if (!terms.constraint().isEmpty()) {
            wanted.add("(" + terms.constraint() + ")");
        }
        request.avoid().forEach(node -> wanted.add("hname!='" + node + "'"));
        String select = wanted.isEmpty() ? "" : wanted.stream().collect(Collectors.joining(" && ", "select[", "] "));
        String memory = switch (dialect) {
            case FORMATTED -> terms.memoryMiB() + "MB";
            case PLAIN -> String.valueOf(terms.memoryMiB());
        };
        return select + "span[ptile=" + slots + "]" + (terms.memoryMiB() > 0 ? " rusage[mem=" + memory + "]" : "");
    }

    /** Up: the block knows its end by itself, to the second. */
    private static long minutes(Duration walltime) {
        return walltime.plusSeconds(59).toMinutes();
    }

    private static String quoted(String words) {
        return '"' + words + '"';
    }
}
