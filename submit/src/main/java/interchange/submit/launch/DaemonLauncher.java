package interchange.submit.launch;

import interchange.launch.Installation;
import interchange.launch.Role;
import interchange.shared.LoginEnvironment;
import interchange.shared.Reasons;
import interchange.submit.CommandException;
import interchange.submit.Home;
import interchange.submit.Kind;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts the daemon under its supervisor: a session of its own, "/" as directory, and no descriptor of ours, so that it
 * neither dies with the caller nor keeps the caller's pipe open.
 */
public final class DaemonLauncher {
    private final Home home;
    private final Map<String, String> environment;
    private final Surroundings surroundings;

    public DaemonLauncher(Home home, Map<String, String> environment) {
        this.home = home;
        this.environment = Map.copyOf(environment);
        this.surroundings = new Surroundings(environment, Path.of("/"));
    }

    public List<String> warnings() {
        return surroundings.warnings();
    }

    /** The daemon's command, for those who run it in the foreground. */
    public List<String> command(List<String> arguments) throws CommandException {
        try {
            List<String> command =
                    new ArrayList<>(Installation.ofThisProcess(environment).command(Role.DAEMON, environment));
            command.addAll(List.of("--home", home.directory().toString()));
            command.addAll(arguments);
            return command;
        } catch (IOException e) {
            throw new CommandException(Kind.INTERNAL, "the daemon can't be started: " + Reasons.of(e));
        }
    }

    /** What the daemon sees: nothing of this login or batch job, for it will outlive both. */
    public Map<String, String> daemonEnvironment() {
        Map<String, String> kept = LoginEnvironment.ofDaemon(environment);
        if (surroundings.scopeOutlivesLogin()) {
            kept.put("XDG_RUNTIME_DIR", environment.getOrDefault("XDG_RUNTIME_DIR", ""));
        }
        kept.put(Home.VARIABLE, home.directory().toString());
        return kept;
    }

    /**
     * Starts the supervisor, and returns at once.
     *
     * @return the supervisor, whose exit code is the daemon's if that refuses to start
     */
    public Process start(List<String> arguments) throws CommandException {
        List<String> supervised = command(arguments);
        try {
            home.create();
            writeSupervisor();
            Files.write(home.wanted(), new byte[0]);
            List<String> command = new ArrayList<>(prefix());
            command.addAll(
                    List.of("sh", home.supervisor().toString(), home.directory().toString()));
            command.addAll(supervised);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(new File("/"))
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(home.errors().toFile()))
                    .redirectError(
                            ProcessBuilder.Redirect.appendTo(home.errors().toFile()));
            builder.environment().clear();
            builder.environment().putAll(daemonEnvironment());
            return builder.start();
        } catch (IOException e) {
            throw new CommandException(
                    Kind.INTERNAL,
                    "the daemon can't be started in " + home.directory() + ": " + Reasons.of(e) + "; " + Home.REMEDY);
        }
    }

    private List<String> prefix() {
        List<String> prefix = new ArrayList<>();
        onPath("setsid").ifPresent(setsid -> prefix.add(setsid.toString()));
        if (surroundings.scopeOutlivesLogin()) {
            onPath("systemd-run")
                    .ifPresent(run ->
                            prefix.addAll(List.of(run.toString(), "--user", "--scope", "--quiet", "--collect", "--")));
        }
        return prefix;
    }

    private Optional<Path> onPath(String command) {
        return Arrays.stream(environment.getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator, -1))
                .map(directory -> Path.of(directory).resolve(command))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** A new file each time: a shell reads its script while it runs it, so an old one must stay as it is. */
    private void writeSupervisor() throws IOException {
        Path written = home.directory()
                .resolve("supervisor.sh." + ProcessHandle.current().pid());
        try (InputStream script = DaemonLauncher.class.getResourceAsStream("/interchange/submit/supervisor.sh")) {
            if (script == null) {
                throw new IllegalStateException("supervisor.sh is missing from the jar");
            }
            Files.copy(script, written, StandardCopyOption.REPLACE_EXISTING);
            Files.move(written, home.supervisor(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
