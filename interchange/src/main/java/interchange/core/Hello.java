package interchange.core;

import java.util.List;
import java.util.Optional;

/**
 * What a worker says of itself when it connects.
 *
 * @param blockToken the random token of its block's intent
 * @param predecessorDead its keeper saw the end of the worker that was here before, and of all its jobs
 * @param memoryMiB what jobs may use together
 * @param remainingSeconds until the block ends; negative: never
 * @param held every attempt it has, whether waiting, running, or ended and not acknowledged
 */
public record Hello(
        String incarnation,
        String blockToken,
        int blockRestarts,
        int rank,
        boolean predecessorDead,
        String host,
        long pid,
        int cores,
        int memoryMiB,
        long remainingSeconds,
        List<Held> held) {

    public Hello {
        held = List.copyOf(held);
    }

    /**
     * An attempt that the worker has.
     *
     * @param startedEpochMillis 0: it waits for room
     * @param outcome present when it has ended
     */
    public record Held(AttemptId attempt, long startedEpochMillis, Optional<Outcome> outcome) {}
}
