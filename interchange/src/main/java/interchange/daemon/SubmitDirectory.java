package interchange.daemon;

import interchange.proto.control.Error;
import interchange.shared.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of a submission, where jobs run and their output goes. */
final class SubmitDirectory {
    static final String LOGS = "logs";

    private SubmitDirectory() {}

    /** Says at submission what every job would fail with later. */
    static void check(Path directory) throws RequestException {
        if (!Files.isDirectory(directory)) {
            throw refused(directory, "there is no such directory");
        }
        Path logs = directory.resolve(LOGS);
        try {
            // Asked by doing: modes say little on file systems with access lists, or that are full. Nothing stays, for
            // the workflow may be refused yet.
            Files.delete(Files.createTempFile(Files.exists(logs) ? logs : directory, ".interchange", ".probe"));
        } catch (IOException e) {
            throw refused(directory, "the output of jobs can't be written there: " + Reasons.of(e));
        }
    }

    private static RequestException refused(Path directory, String why) {
        return new RequestException(
                Error.Kind.USER,
                "submit directory " + directory + ": " + why
                        + " (it must exist on the daemon's host and be writable for its user)");
    }
}
