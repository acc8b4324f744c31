package interchange.launch;

import java.util.List;
import java.util.stream.Stream;

/**
 * One of our programs, with what its virtual machine needs. All jars lie in one directory, and two logging backends
 * among them, so each program lists the jars it wants by the beginning of their names.
 */
public enum Role {
    CLI(
            "interchange.submit.Main",
            List.of(
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
                    "snakeyaml-"),
            List.of(),
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xss512k",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off")),
    DAEMON(
            "interchange.daemon.DaemonMain",
            List.of(),
            List.of("interchange-submit-", "interchange-worker-", "slf4j-simple-", "picocli-"),
            List.of("-XX:+UseG1GC", "-Xms64m", "-Xmx2g", "-XX:+ExitOnOutOfMemoryError")),
    WORKER(
            "interchange.worker.WorkerMain",
            List.of(
                    "interchange-proto-",
                    "interchange-worker-",
                    "jeromq-",
                    "jnacl-",
                    "jspecify-",
                    "protobuf-java-",
                    "slf4j-api-",
                    "slf4j-simple-"),
            List.of(),
            List.of(
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xms16m",
                    "-Xmx256m",
                    "-Xss512k",
                    // Its jobs inherit the limit of open files, and programs exist that loop over all of them.
                    "-XX:-MaxFDLimit",
                    "-XX:+ExitOnOutOfMemoryError"));

    /** For all: the warnings that these would cause are about our libraries and help no user. */
    private static final List<String> COMMON_OPTIONS = List.of(
            "-Xlog:disable",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final String mainClass;
    private final List<String> included;
    private final List<String> excluded;
    private final List<String> options;

    Role(String mainClass, List<String> included, List<String> excluded, List<String> options) {
        this.mainClass = mainClass;
        this.included = included;
        this.excluded = excluded;
        this.options = options;
    }

    public String mainClass() {
        return mainClass;
    }

    /** Options of the virtual machine; they must not differ between making a startup cache and using it. */
    public List<String> options() {
        return Stream.concat(COMMON_OPTIONS.stream(), options.stream()).toList();
    }

    /** Whether a jar of this file name belongs on the class path. */
    public boolean wants(String jarName) {
        boolean in = included.isEmpty() || included.stream().anyMatch(jarName::startsWith);
        return in && excluded.stream().noneMatch(jarName::startsWith);
    }

    /** As in the names of cache files: {@code cli-<key>.aot}. */
    public String fileName() {
        return switch (this) {
            case CLI -> "cli";
            case DAEMON -> "daemon";
            case WORKER -> "worker";
        };
    }
}
