package interchange.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the ahead-of-time caches of this installation lie, see docs/internals-aot.md. Whoever starts the command line
 * computes the key, once and cheaply, and hands it on in system properties; here it is an opaque word.
 */
public record StartupCache(Path directory, String key) {
    public static final String DIRECTORY_PROPERTY = "interchange.cache";
    public static final String KEY_PROPERTY = "interchange.aot.key";

    /** A directory: the programs started from here record a cache into it when they end. */
    public static final String RECORD_VARIABLE = "INTERCHANGE_AOT_RECORD";

    /** As said by who started us; empty when nobody did, as in tests. */
    public static Optional<StartupCache> ofThisProcess() {
        String directory = System.getProperty(DIRECTORY_PROPERTY);
        String key = System.getProperty(KEY_PROPERTY);
        return directory == null || key == null
                ? Optional.empty()
                : Optional.of(new StartupCache(Path.of(directory), key));
    }

    public Path file(Role role) {
        return directory.resolve(role.fileName() + "-" + key + ".aot");
    }

    /** The option that uses the cache of a role, or records it; empty where there is none yet. */
    Optional<String> option(Role role, Map<String, String> environment) {
        String record = environment.get(RECORD_VARIABLE);
        if (record != null) {
            return Optional.of("-XX:AOTCacheOutput=" + Path.of(record, role.fileName() + ".aot"));
        }
        Path file = file(role);
        return Files.exists(file) ? Optional.of("-XX:AOTCache=" + file) : Optional.empty();
    }
}
