package interchange.files;

import interchange.core.AttemptId;
import java.util.Optional;

/**
 * Says what of which attempt may travel, from where and to where: the journal knows, and whatever a worker says besides
 * counts for nothing. Only attempts that are open count, so that one that was given up can't write over what the next
 * one made.
 */
interface Permits {
    /** Whether it is assigned to a worker, and its end isn't known. */
    boolean isOpen(AttemptId id);

    /** Empty: there is no such attempt or file, or the attempt is over. */
    Optional<Permit> of(Key key);
}
