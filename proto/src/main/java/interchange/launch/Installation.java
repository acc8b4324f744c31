package interchange.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The Java runtime and the directory of jars that programs are started from.
 *
 * @param java the {@code java} command
 * @param jars holds every jar, ours and others'
 */
public record Installation(Path java, Path jars, Optional<StartupCache> cache) {
    /** Names a runtime, or its {@code java}, to be used instead of ours. */
    public static final String JAVA_VARIABLE = "INTERCHANGE_JAVA";

    /** Names the directory of jars where the class path does not tell, as in tests. */
    public static final String JARS_VARIABLE = "INTERCHANGE_JARS";

    /** Between the options in INTERCHANGE_DAEMON_JVM_OPTIONS and its like. */
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    /** The one that this process runs from, unless the environment says otherwise. */
    public static Installation ofThisProcess(Map<String, String> environment) throws IOException {
        return new Installation(findJava(environment), findJars(environment), StartupCache.ofThisProcess());
    }

    /**
     * The command that starts a program; the program's own arguments follow.
     *
     * @throws IOException when the jars can't be listed, or there are none
     */
    public List<String> command(Role role, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        command.addAll(role.options());
        cache.ifPresent(found -> {
            command.add("-D" + StartupCache.DIRECTORY_PROPERTY + "=" + found.directory());
            command.add("-D" + StartupCache.KEY_PROPERTY + "=" + found.key());
            found.option(role, environment).ifPresent(command::add);
        });
        String more = environment.getOrDefault("INTERCHANGE_" + role.name() + "_JVM_OPTIONS", "");
        Stream.of(BLANKS.split(more)).filter(option -> !option.isEmpty()).forEach(command::add);
        command.add("-cp");
        command.add(classPath(role));
        command.add(role.mainClass());
        return List.copyOf(command);
    }

    /** Jars in the order of their names: a startup cache is valid for one order only. */
    public String classPath(Role role) throws IOException {
        try (Stream<Path> files = Files.list(jars)) {
            List<String> wanted = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar") && role.wants(name))
                    .sorted()
                    .map(name -> jars.resolve(name).toString())
                    .toList();
            if (wanted.isEmpty()) {
                throw new IOException("no jars for " + role.mainClass() + " in " + jars);
            }
            return String.join(File.pathSeparator, wanted);
        }
    }

    private static Path findJava(Map<String, String> environment) {
        String wanted = environment.getOrDefault(JAVA_VARIABLE, "");
        Path path = wanted.isEmpty() ? Path.of(System.getProperty("java.home")) : Path.of(wanted);
        return Files.isDirectory(path) ? path.resolve("bin").resolve("java") : path;
    }

    private static Path findJars(Map<String, String> environment) throws IOException {
        String wanted = environment.getOrDefault(JARS_VARIABLE, "");
        if (!wanted.isEmpty()) {
            return Path.of(wanted).toAbsolutePath();
        }
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry).toAbsolutePath();
            if (path.getFileName() != null && path.getFileName().toString().startsWith("interchange-proto-")) {
                return Objects.requireNonNull(path.getParent());
            }
        }
        throw new IOException("can't tell where the jars of interchange are: set " + JARS_VARIABLE);
    }
}
