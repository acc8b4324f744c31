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

    /** The same, with words of ours. */
    public BlockReport saying(String words) {
        return new BlockReport(phase, words, remainingSeconds, nodes, restarts);
    }

    /** The same, with how often it was started again. */
    public BlockReport startedAgain(int times) {
        return new BlockReport(phase, message, remainingSeconds, nodes, times);
    }

    public BlockReport(BlockPhase phase, String message, long remainingSeconds, List<String> nodes) {
        this(phase, message, remainingSeconds, nodes, NOT_KNOWN);
    }

    public BlockReport(BlockPhase phase, String message, long remainingSeconds) {
        this(phase, message, remainingSeconds, List.of());
    }
}
