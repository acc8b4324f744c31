package interchange.launch;

import java.util.List;
import java.util.stream.Stream;

/**
 * One of our programs, with what its virtual machine needs. All jars lie in one directory, and two logging backends
 * among them, so each program lists the jars it wants by the beginning of their names.
 */
public enum Role {
    CLI("cli", "interchange.submit.Main"),
    DAEMON("daemon", "interchange.daemon.DaemonMain"),
    WORKER("worker", "interchange.worker.WorkerMain");

    /** For all: the warnings that these would cause are about our libraries and help no user. */
    private static final List<String> COMMON_OPTIONS = List.of(
            "-Xlog:disable",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private static final List<String> JARS_OF_CLI = List.of(
            "gson-",
            "interchange-proto-",
            "interchange-submit-",
            "jeromq-",
            "jnacl-",
            "jspecify-",
            "picocli-",
            "protobuf-java-",
            "slf4j-api-",
            "slf4j-simple-",
            "snakeyaml-");

    private static final List<String> JARS_NOT_OF_DAEMON =
            List.of("interchange-submit-", "interchange-worker-", "slf4j-simple-", "picocli-");

    private static final List<String> JARS_OF_WORKER = List.of(
            "interchange-proto-",
            "interchange-worker-",
            "jeromq-",
            "jnacl-",
            "jspecify-",
            "protobuf-java-",
            "slf4j-api-",
            "slf4j-simple-");

    private final String fileName;
    private final String mainClass;

    Role(String fileName, String mainClass) {
        this.fileName = fileName;
        this.mainClass = mainClass;
    }

    public String mainClass() {
        return mainClass;
    }

    /** As in the names of cache files: {@code cli-<key>.aot}. */
    public String fileName() {
        return fileName;
    }

    /** Options of the virtual machine; they must not differ between making a startup cache and using it. */
    public List<String> options() {
        return Stream.concat(COMMON_OPTIONS.stream(), ownOptions().stream()).toList();
    }

    private List<String> ownOptions() {
        return switch (this) {
            case CLI ->
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xss512k",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
            case DAEMON -> List.of("-XX:+UseG1GC", "-Xms64m", "-Xmx2g", "-XX:+ExitOnOutOfMemoryError");
            case WORKER ->
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xms16m",
                        "-Xmx256m",
                        "-Xss512k",
                        // Its jobs inherit the limit of open files, and programs exist that loop over all of them.
                        "-XX:-MaxFDLimit",
                        "-XX:+ExitOnOutOfMemoryError");
        };
    }

    /** Whether a jar of this file name belongs on the class path. */
    public boolean wants(String jarName) {
        return switch (this) {
            case CLI -> JARS_OF_CLI.stream().anyMatch(jarName::startsWith);
            case DAEMON -> JARS_NOT_OF_DAEMON.stream().noneMatch(jarName::startsWith);
            case WORKER -> JARS_OF_WORKER.stream().anyMatch(jarName::startsWith);
        };
    }
}
