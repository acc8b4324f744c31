package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import java.nio.file.Path;

/**
 * The files on the node into which an attempt prints, where they are not the ones that it names.
 *
 * @param stderr may be the same
 */
public record Prints(Path stdout, Path stderr) {
    /** Without a directory of its own: making one costs as much as both files. */
    public static Prints in(Path lodging, AttemptName attempt, boolean oneLog) {
        String name = attempt.getRun() + "-" + attempt.getJob() + "-" + attempt.getNumber();
        Path stdout = lodging.resolve(name + ".out");
        return new Prints(stdout, oneLog ? stdout : lodging.resolve(name + ".err"));
    }
}
