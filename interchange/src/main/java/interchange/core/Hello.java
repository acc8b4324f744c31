package interchange.core;

import java.util.List;
import java.util.Optional;

/**
 * What a worker says of itself when it connects.
 *
 * @param number counts this incarnation's Hellos, from 1; one that comes twice or late is known by it
 * @param blockToken the random token of its block's intent
 * @param start which start of a worker at this place by its keeper, from 1; all earlier ones are surely dead
 * @param earlierFenced the worker before it here ended itself because its lease was over, or something would not die
 * @param leaving it takes nothing new
 * @param memoryMiB what jobs may use together
 * @param remainingSeconds until the block ends; negative: never
 * @param held every attempt it has, whether waiting, running, or ended and not acknowledged
 */
public record Hello(
        String incarnation,
        long number,
        String blockToken,
        int blockRestarts,
        int rank,
        int start,
        boolean earlierFenced,
        boolean leaving,
        String host,
        long pid,
        int cores,
        int memoryMiB,
        long remainingSeconds,
        List<Held> held) {

    public Hello {
        held = List.copyOf(held);
    }

    /** Of one that stays. */
    public Hello(
            String incarnation,
            long number,
            String blockToken,
            int blockRestarts,
            int rank,
            int start,
            boolean earlierFenced,
            String host,
            long pid,
            int cores,
            int memoryMiB,
            long remainingSeconds,
            List<Held> held) {
        this(
                incarnation,
                number,
                blockToken,
                blockRestarts,
                rank,
                start,
                earlierFenced,
                false,
                host,
                pid,
                cores,
                memoryMiB,
                remainingSeconds,
                held);
    }

    /**
     * An attempt that the worker has.
     *
     * @param startedEpochMillis 0: it waits for room
     * @param outcome present when it has ended
     */
    public record Held(AttemptId attempt, long startedEpochMillis, Optional<Outcome> outcome) {}
}
