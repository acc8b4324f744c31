package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import java.nio.file.Path;
import java.util.Optional;

/** What the courier has to say of an attempt. */
public sealed interface News {
    AttemptName attempt();

    /** Its inputs are there: it can start. */
    record Fetched(AttemptName attempt, Folder folder) implements News {}

    /** They can't be had. */
    record NotFetched(AttemptName attempt, String why) implements News {}

    /** They could not be kept here, for something that this node lacks. */
    record NoRoom(AttemptName attempt, String why) implements News {}

    /** It may print into files below this directory. */
    record Lodged(AttemptName attempt, Path lodging) implements News {}

    /** All that it printed is in its pack. @param problem it is not, and why */
    record Packed(AttemptName attempt, Optional<String> problem) implements News {}

    /** All that could come back has; its directory goes. @param problem what did not, and why */
    record Returned(AttemptName attempt, Optional<String> problem) implements News {}
}
