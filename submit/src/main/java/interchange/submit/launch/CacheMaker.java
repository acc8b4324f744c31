package interchange.submit.launch;

import interchange.launch.Installation;
import interchange.launch.Role;
import interchange.launch.StartupCache;
import interchange.shared.LoginEnvironment;
import interchange.submit.CommandException;
import interchange.submit.Home;
import interchange.submit.Kind;
import interchange.submit.Session;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes the startup caches: a daemon, a worker and the command line run a tiny workflow in a directory of their own and
 * record what they loaded. A cache only ever appears whole, under a name that says what it fits.
 */
public final class CacheMaker {
    /** Set to 0, no cache is made. */
    public static final String VARIABLE = "INTERCHANGE_AOT";

    private static final Duration REHEARSAL_LIMIT = Duration.ofMinutes(2);

    /** Somebody else's making that is older has died. */
    private static final Duration MAKING_LIMIT = Duration.ofMinutes(10);

    /** Caches of other runtimes and jars are kept so long. */
    private static final Duration KEEP = Duration.ofDays(30);

    private final Session session;

    public CacheMaker(Session session) {
        this.session = session;
    }

    /** Starts the making, detached and at the lowest priority, where that has any point; returns at once. */
    public static void makeInBackground(Session session) {
        Optional<StartupCache> cache = StartupCache.ofThisProcess();
        if (cache.isEmpty() || !isWorthwhile(cache.get(), session)) {
            return;
        }
        try {
            List<String> command = new ArrayList<>(List.of("nice", "-n", "19", "setsid"));
            command.addAll(Installation.ofThisProcess(session.environment()).command(Role.CLI, session.environment()));
            command.addAll(List.of("startup-cache", "--background"));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(new File("/"))
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            builder.environment().putAll(environment(session));
            builder.start();
        } catch (IOException e) {
            // Without a cache everything works, only slower: nobody wants to read about it after his answer.
        }
    }

    static boolean isWorthwhile(StartupCache cache, Session session) {
        boolean off = session.environment().getOrDefault(VARIABLE, "").equals("0")
                || session.environment().containsKey(StartupCache.RECORD_VARIABLE);
        return !off
                && !Files.exists(cache.file(Role.CLI))
                && Files.isDirectory(session.home().directory())
                && !Files.exists(failed(cache))
                && !isBeingMade(making(cache));
    }

    /** One that was killed at it leaves its directory, which must not keep others from it for ever. */
    private static boolean isBeingMade(Path making) {
        try {
            return Files.exists(making) && !isOlder(making, MAKING_LIMIT);
        } catch (IOException e) {
            return true; // what can't be looked at can't be made there either
        }
    }

    /**
     * Makes the caches of all roles.
     *
     * @param once give up silently where another makes them
     * @return the files made
     */
    public List<Path> make(boolean once) throws CommandException, IOException, InterruptedException {
        StartupCache cache = StartupCache.ofThisProcess()
                .orElseThrow(() -> new CommandException(
                        Kind.INTERNAL, "this command line was not started by its launcher, so it knows no cache"));
        Files.createDirectories(cache.directory());
        if (!begin(making(cache))) {
            if (once) {
                return List.of();
            }
            throw new CommandException(Kind.CONFLICT, "another process is making the caches: " + making(cache));
        }
        try {
            Path place = Files.createDirectories(making(cache).resolve("home"));
            String trouble = rehearse(place);
            List<Path> made = collect(place, cache);
            if (!made.contains(cache.file(Role.CLI))) {
                Files.writeString(failed(cache), trouble);
                throw new CommandException(Kind.INTERNAL, "no cache was made: " + trouble);
            }
            Files.deleteIfExists(failed(cache));
            removeOld(cache.directory());
            return made;
        } finally {
            remove(making(cache));
        }
    }

    private static Path making(StartupCache cache) {
        return cache.directory().resolve("making-" + cache.key());
    }

    private static Path failed(StartupCache cache) {
        return cache.directory().resolve("failed-" + cache.key());
    }

    private static boolean begin(Path making) throws IOException {
        try {
            Files.createDirectory(making);
            return true;
        } catch (FileAlreadyExistsException e) {
            if (isOlder(making, MAKING_LIMIT)) {
                remove(making);
                Files.createDirectory(making);
                return true;
            }
            return false;
        }
    }

    /** Runs everything once; what it says if it did not end well. */
    private String rehearse(Path place) throws IOException, InterruptedException {
        Path said = place.resolve("said");
        Map<String, String> environment = environment(session);
        environment.put(Home.VARIABLE, place.resolve("home").toString());
        environment.put(StartupCache.RECORD_VARIABLE, place.toString());
        environment.put("INTERCHANGE_AUTOSTART", "0");
        Installation installation = Installation.ofThisProcess(session.environment());
        List<String> daemon = new ArrayList<>(installation.command(Role.DAEMON, environment));
        daemon.addAll(List.of("--home", place.resolve("home").toString()));
        new Home(place.resolve("home")).create();
        Process daemonProcess = start(daemon, environment, place, said);
        try {
            List<String> client = new ArrayList<>(installation.command(Role.CLI, environment));
            client.set(client.size() - 1, Rehearsal.class.getName());
            Process clientProcess = start(client, environment, place, said);
            boolean ended = clientProcess.waitFor(REHEARSAL_LIMIT.toSeconds(), TimeUnit.SECONDS);
            clientProcess.destroyForcibly().waitFor();
            // The rehearsal stops the daemon, and its cache is written when it ends.
            daemonProcess.waitFor((ended ? REHEARSAL_LIMIT : Duration.ofSeconds(1)).toSeconds(), TimeUnit.SECONDS);
        } finally {
            daemonProcess.destroyForcibly().waitFor();
        }
        return Files.readString(said).strip();
    }

    private static Process start(List<String> command, Map<String, String> environment, Path directory, Path said)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(said.toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Map<String, String> environment(Session session) {
        return LoginEnvironment.without(session.environment());
    }

    private static List<Path> collect(Path place, StartupCache cache) throws IOException {
        List<Path> made = new ArrayList<>();
        for (Role role : Role.values()) {
            Path recorded = place.resolve(role.fileName() + ".aot");
            if (Files.exists(recorded)) {
                made.add(Files.move(recorded, cache.file(role), StandardCopyOption.ATOMIC_MOVE));
            }
        }
        return made;
    }

    private static void removeOld(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".aot")).toList()) {
                if (isOlder(file, KEEP)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    private static boolean isOlder(Path file, Duration age) throws IOException {
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isBefore(Instant.now().minus(age));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
