package interchange.submit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** The daemon's directory, {@code $INTERCHANGE_HOME}, and the names of what the command line touches in it. */
public record Home(Path directory) {
    public static final String VARIABLE = "INTERCHANGE_HOME";

    /** The next step where the directory can't be used. */
    public static final String REMEDY = "set " + VARIABLE + " to a directory that you can write, on a disk with room";

    public Home {
        directory = directory.toAbsolutePath().normalize();
    }

    /** {@code $INTERCHANGE_HOME}, or {@code ~/.interchange}. */
    public static Home of(Map<String, String> environment) {
        String named = environment.getOrDefault(VARIABLE, "");
        if (!named.isEmpty()) {
            return new Home(Path.of(named));
        }
        String user = environment.getOrDefault("HOME", System.getProperty("user.home"));
        return new Home(Path.of(user, ".interchange"));
    }

    public Path clientConnection() {
        return directory.resolve("client.connection");
    }

    /** Exists while the daemon should be running; {@code ensure} and the supervisor look at it. */
    public Path wanted() {
        return directory.resolve("wanted");
    }

    public Path configuration() {
        return directory.resolve("config.yaml");
    }

    public Path sites() {
        return directory.resolve("sites.yaml");
    }

    /** What the daemon and its supervisor say on standard error. */
    public Path errors() {
        return directory.resolve("daemon.err");
    }

    public Path log() {
        return directory.resolve("log").resolve("interchange.log");
    }

    /** One line: host, boot, process id, start and token of the daemon that has this directory. */
    public Path owner() {
        return directory.resolve("owner");
    }

    public Path startLock() {
        return directory.resolve("start.lock");
    }

    public Path supervisor() {
        return directory.resolve("supervisor.sh");
    }

    /** Makes the directory, for its owner alone, where there is none. */
    public void create() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }
}
