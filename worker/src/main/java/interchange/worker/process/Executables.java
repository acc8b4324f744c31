package interchange.worker.process;

import java.io.File;
import java.util.Optional;

/** Finds a command as a shell in the job's directory and with the job's PATH would. */
final class Executables {
    private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    private Executables() {}

    /** What to give to posix_spawn, which doesn't search. A name with a slash is left to the kernel. */
    static Optional<String> find(String command, String path, String directory) {
        if (command.indexOf('/') >= 0) {
            return Optional.of(command);
        }
        for (String place : (path.isEmpty() ? DEFAULT_PATH : path).split(":", -1)) {
            File file = new File(inDirectory(place, directory), command);
            if (file.canExecute() && file.isFile()) {
                return Optional.of(file.getPath());
            }
        }
        return Optional.empty();
    }

    static File inDirectory(String path, String directory) {
        return path.startsWith("/") ? new File(path) : new File(directory, path);
    }
}
