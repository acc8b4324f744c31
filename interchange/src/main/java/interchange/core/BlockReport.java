package interchange.core;

import java.util.List;

/**
 * What a batch system says of one block.
 *
 * @param phase never INTENDED; QUEUED again where it is to start anew
 * @param message its own words, where it has any
 * @param remainingSeconds until its walltime ends; negative: none or not known
 * @param nodes where it runs or ran, by the batch system's names; empty: nowhere yet, or not known
 */
public record BlockReport(BlockPhase phase, String message, long remainingSeconds, List<String> nodes) {
    public BlockReport {
        nodes = List.copyOf(nodes);
    }

    public BlockReport(BlockPhase phase, String message, long remainingSeconds) {
        this(phase, message, remainingSeconds, List.of());
    }
}
