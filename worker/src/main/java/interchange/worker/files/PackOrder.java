package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import java.nio.file.Path;

/**
 * An attempt that prints into a pack.
 *
 * @param job its name
 * @param directory where the packs of its run are
 * @param umask what others may not do with a pack that is made for it
 * @param prints what it prints into, until that is in the pack
 */
public record PackOrder(AttemptName attempt, String job, Path directory, int umask, Prints prints) {}
