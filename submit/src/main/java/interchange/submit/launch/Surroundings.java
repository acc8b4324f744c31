package interchange.submit.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What could end a daemon that is started here, against the user's wish: a batch job, or a login whose processes are
 * killed with it.
 *
 * @param root of the file system, "/" but in tests
 */
public record Surroundings(Map<String, String> environment, Path root) {
    private static final Map<String, String> BATCH_JOBS =
            Map.of("SLURM_JOB_ID", "Slurm", "PBS_JOBID", "PBS", "LSB_JOBID", "LSF", "JOB_ID", "Grid Engine");

    private static final Pattern KILLS = Pattern.compile("(?im)^\\s*KillUserProcesses\\s*=\\s*(yes|true|on|1)\\s*$");

    public Surroundings {
        environment = Map.copyOf(environment);
    }

    /** Warnings, each with its remedy; none where a daemon lives as long as it likes. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        batchJob()
                .ifPresent(job -> warnings.add("the daemon is being started inside " + job
                        + " and will be killed with it: run 'interchange start' on a login node first (it is found by its"
                        + " directory, which must be on a shared file system)"));
        if (killsUserProcesses() && !lingers()) {
            warnings.add("this host kills the processes of a user who logs out (KillUserProcesses=yes), the daemon"
                    + " among them: run 'loginctl enable-linger' once, then 'interchange stop --keep-blocks' and"
                    + " 'interchange start'");
        }
        return warnings;
    }

    /** Whether a scope of the user's own systemd outlives the login; without lingering it would be the first to die. */
    public boolean scopeOutlivesLogin() {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        return lingers() && !runtime.isEmpty() && Files.exists(Path.of(runtime, "systemd", "private"));
    }

    /** The batch job we are in, like "Slurm job 4711". */
    public Optional<String> batchJob() {
        return BATCH_JOBS.keySet().stream()
                .sorted()
                .filter(variable -> !environment.getOrDefault(variable, "").isEmpty())
                .filter(variable -> !variable.equals("JOB_ID") || environment.containsKey("SGE_ROOT"))
                .map(variable -> BATCH_JOBS.get(variable) + " job " + environment.get(variable))
                .findFirst();
    }

    private boolean lingers() {
        String user = environment.getOrDefault("USER", System.getProperty("user.name", ""));
        return !user.isEmpty()
                && Files.exists(root.resolve("var/lib/systemd/linger").resolve(user));
    }

    private boolean killsUserProcesses() {
        return Stream.of("etc/systemd/logind.conf", "etc/systemd/logind.conf.d", "usr/lib/systemd/logind.conf.d")
                .map(root::resolve)
                .flatMap(Surroundings::files)
                .anyMatch(Surroundings::saysKill);
    }

    private static Stream<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return Files.isRegularFile(path) ? Stream.of(path) : Stream.empty();
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            // A warning that can't be checked is not given; the daemon starts either way.
            return Stream.empty();
        }
    }

    private static boolean saysKill(Path file) {
        try {
            return KILLS.matcher(Files.readString(file)).find();
        } catch (IOException e) {
            return false;
        }
    }
}
