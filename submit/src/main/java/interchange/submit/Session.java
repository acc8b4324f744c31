package interchange.submit;

import interchange.submit.control.DaemonAccess;
import interchange.submit.output.Console;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What one command sees of the world, so that tests can give it another.
 *
 * @param environment of the caller
 * @param directory where the caller stands
 */
public record Session(Map<String, String> environment, Path directory, InputStream in, Console console) {
    public Session {
        environment = Map.copyOf(environment);
    }

    public Home home() {
        return Home.of(environment);
    }

    public DaemonAccess daemon() {
        return new DaemonAccess(home(), environment, console);
    }

    /** A path as the caller means it. */
    public Path resolve(String path) {
        return directory.resolve(path).toAbsolutePath().normalize();
    }

    /** A run as the daemon knows it: a directory becomes absolute, ids stay as they are. */
    public String run(String named) {
        boolean id = !named.isEmpty() && named.chars().allMatch(Character::isDigit);
        // With a slash also one that is not there any more: its run is remembered.
        boolean directory = !id && (named.contains("/") || Files.isDirectory(resolve(named)));
        return directory ? resolve(named).toString() : named;
    }
}
