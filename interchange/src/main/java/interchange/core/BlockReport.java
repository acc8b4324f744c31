package interchange.core;

/**
 * What a batch system says of one block.
 *
 * @param phase never INTENDED
 * @param message its own words, where it has any
 * @param remainingSeconds until its walltime ends; negative: none or not known
 */
public record BlockReport(BlockPhase phase, String message, long remainingSeconds) {}
