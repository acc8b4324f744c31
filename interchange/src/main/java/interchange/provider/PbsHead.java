package interchange.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a block asks of PBS, as the head of its script.
 *
 * <p>PBS can't be asked for all that a node has, only for a number of cores. Where a site gives none, one core of a node
 * that is then ours alone is asked for, and the worker takes what it finds there. Where it wants no node for itself
 * either, that one core is what it gets. PBS has no way to leave a node out, so {@link BlockRequest#avoid} can't be
 * heeded.
 */
final class PbsHead {
    /** What PBS says of the job itself; it comes there at the end. What the block says is in its own log. */
    private static final String OUTPUT = "batch.out";

    private PbsHead() {}

    /** The same request with the cores that are really asked for. */
    static BlockRequest asked(BlockRequest request) {
        BlockTerms terms = request.terms();
        return terms.cores() == 0 && !terms.wholeNodes() ? request.withTerms(terms.askingAndOffering(1)) : request;
    }

    /** Neither blanks nor colons (a host's name is before one) can be had in these lines with every PBS. */
    private static String output(BlockRequest request) {
        String path = request.directory().resolve(OUTPUT).toString();
        return path.matches("[A-Za-z0-9_.,/@+=~-]+") ? path : "/dev/null";
    }

    static List<String> lines(BlockRequest request, PbsDialect dialect) {
        BlockTerms terms = request.terms();
        // The shell: else it is that of the user's login, and ours is no csh. No mail: blocks come and go by
        // themselves.
        List<String> options = new ArrayList<>(
                List.of("-S /bin/sh", "-N " + request.token(), "-j oe", "-o " + output(request), "-m n", "-r y"));
        switch (dialect) {
            case PRO -> addChunks(terms, options);
            case TORQUE -> addNodes(terms, options);
        }
        if (!terms.walltime().isZero()) {
            options.add("-l walltime=" + clock(terms.walltime()));
        }
        if (!terms.queue().isEmpty()) {
            options.add("-q " + terms.queue());
        }
        if (!terms.account().isEmpty()) {
            options.add("-A " + terms.account());
        }
        return options.stream().map(option -> "#PBS " + option).toList();
    }

    private static void addChunks(BlockTerms terms, List<String> options) {
        String select = "-l select=" + terms.nodes() + ":ncpus=" + Math.max(1, terms.cores());
        if (terms.memoryMiB() > 0) {
            select += ":mem=" + terms.memoryMiB() + "mb";
        }
        if (!terms.constraint().isEmpty()) {
            select += ":" + terms.constraint();
        }
        options.add(select);
        // The host and not a part of it, where the cores were not counted.
        String share = terms.cores() == 0 ? ":exclhost" : ":excl";
        options.add("-l place=scatter" + (terms.wholeNodes() ? share : ""));
    }

    private static void addNodes(BlockTerms terms, List<String> options) {
        String nodes = "-l nodes=" + terms.nodes() + ":ppn=" + Math.max(1, terms.cores());
        options.add(terms.constraint().isEmpty() ? nodes : nodes + ":" + terms.constraint());
        if (terms.memoryMiB() > 0) {
            // Of the whole job: its schedulers divide it.
            options.add("-l mem=" + (long) terms.memoryMiB() * terms.nodes() + "mb");
        }
        if (terms.wholeNodes()) {
            options.add("-l naccesspolicy=singlejob");
        }
    }

    private static String clock(Duration time) {
        return String.format("%02d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
