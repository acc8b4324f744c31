package interchange.provider;

import interchange.core.BlockReport;
import java.util.List;
import java.util.Map;

/** A batch system, reduced to text: it builds calls and reads answers, and runs nothing itself. */
public interface Provider {

    /** As users write it in a site. */
    String name();

    Call submit(BlockRequest request);

    /** The batch system's id of the block. When the exception is not certain, look for the block by its token. */
    String parseSubmitted(Answer answer) throws ProviderException;

    /** Looks at many blocks in one call. */
    Call poll(List<String> batchIds);

    /** By batch id; one that is absent is no longer known, though the batch system answers. */
    Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException;

    /** Looks for blocks of which only the token is known: what became of their submission was never heard. */
    Call find(List<String> tokens);

    /** Batch ids by token; one that is absent was not submitted, as far as is known now. */
    Map<String, String> parseFound(Answer answer) throws ProviderException;

    /** Asks for the end of many blocks in one call; polls tell when they are over. Unknown ones are no error. */
    Call cancel(List<String> batchIds);

    void checkCancelled(Answer answer) throws ProviderException;
}
