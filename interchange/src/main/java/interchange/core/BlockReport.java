package interchange.core;

import java.util.List;

/**
 * What a batch system says of one block.
 *
 * @param phase never INTENDED; QUEUED again where it is to start anew
 * @param message its own words, where it has any
 * @param remainingSeconds until its walltime ends; negative: none or not known
 * @param nodes where it runs or ran, by the batch system's names; empty: nowhere yet, or not known
 * @param restarts how often the batch system has started it again, at least as high as its workers say; negative: not
 *     known
 */
public record BlockReport(BlockPhase phase, String message, long remainingSeconds, List<String> nodes, int restarts) {
    private static final int NOT_KNOWN = -1;

    public BlockReport {
        nodes = List.copyOf(nodes);
    }

    public BlockReport(BlockPhase phase, String message, long remainingSeconds, List<String> nodes) {
        this(phase, message, remainingSeconds, nodes, NOT_KNOWN);
    }

    public BlockReport(BlockPhase phase, String message, long remainingSeconds) {
        this(phase, message, remainingSeconds, List.of());
    }
}
