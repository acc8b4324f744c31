package interchange.provider;

import interchange.core.BlockReport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A batch system, reduced to text: it builds calls and reads answers, and runs nothing itself. */
public interface Provider {

    /** As users write it in a site. */
    String name();

    /** A command whose answer tells which kind of this batch system it is; empty: there is one kind, or it is known. */
    default Optional<Call> probe() {
        return Optional.empty();
    }

    /** The same, for the kind that the answer of {@link #probe} tells. */
    default Provider probed(Answer answer) throws ProviderException {
        return this;
    }

    /**
     * May write into the request's directory what the batch system is to run.
     *
     * @throws ProviderException when it can't be asked for as it is
     */
    Call submit(BlockRequest request) throws IOException, ProviderException;

    /** What the script of such a block would ask of the batch system; nothing is written. Empty where there is none. */
    default List<String> head(BlockRequest request) {
        return List.of();
    }

    /** The batch system's id of the block. When the exception is not certain, look for the block by its token. */
    String parseSubmitted(Answer answer) throws ProviderException;

    /** Looks at many blocks in one call. */
    Call poll(List<String> batchIds);

    /** By batch id; one that is absent is no longer known, though the batch system answers. */
    Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException;

    /** Whether a block waits for something that never comes by itself, so that it is better ended and another asked for. */
    default boolean isStuck(BlockReport report) {
        return false;
    }

    /** Looks for what became of blocks that a poll does not show any more, where some record keeps it. */
    default Optional<Call> lookBack(List<String> batchIds) {
        return Optional.empty();
    }

    /**
     * By batch id, those that are over and whose end is known, and those that are still there, though the poll did not show
     * them. Where there is no such record: none, and no failure.
     */
    default Map<String, BlockReport> parseLookedBack(Answer answer) {
        return Map.of();
    }

    /** How often blocks that are over were started again, where polls don't tell: asked once for each. */
    default Optional<Call> countRestarts(List<String> batchIds) {
        return Optional.empty();
    }

    /** By batch id, as far as is known. */
    default Map<String, Integer> parseRestarts(Answer answer) {
        return Map.of();
    }

    /** Looks for blocks of which only the token is known: what became of their submission was never heard. */
    Call find(List<String> tokens);

    /** Batch ids by token; one that is absent was not submitted, as far as is known now. */
    Map<String, String> parseFound(Answer answer) throws ProviderException;

    /** Asks for the end of many blocks in one call; polls tell when they are over. Unknown ones are no error. */
    Call cancel(List<String> batchIds);

    void checkCancelled(Answer answer) throws ProviderException;
}
