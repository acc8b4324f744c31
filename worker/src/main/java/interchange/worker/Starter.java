package interchange.worker;

import interchange.proto.worker.Task;
import interchange.worker.files.Folder;
import interchange.worker.files.Prints;
import interchange.worker.process.JobProcess;
import interchange.worker.process.Launch;
import interchange.worker.process.NotStartedException;
import interchange.worker.process.Spawner;
import interchange.worker.warm.Warm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Turns an attempt into a process: what it sees in its environment, and where its output goes. */
final class Starter {
    private final Spawner spawner;
    private final Warm warm;
    private final Agent.Identity identity;
    private final BlockEnd blockEnd;

    Starter(Spawner spawner, Warm warm, Agent.Identity identity, BlockEnd blockEnd) {
        this.spawner = spawner;
        this.warm = warm;
        this.identity = identity;
        this.blockEnd = blockEnd;
    }

    JobProcess start(Attempt attempt) throws NotStartedException {
        Task task = attempt.task();
        Optional<Folder> own = attempt.folder().filter(_ -> attempt.hasFiles() || lacksDirectory(task));
        Optional<Prints> prints = attempt.prints();
        String stdout = prints.map(Prints::stdout).map(Path::toString).orElse(orDevNull(task.getStdout()));
        String stderr = prints.map(Prints::stderr).map(Path::toString).orElse(orDevNull(task.getStderr()));
        if (prints.isEmpty() && attempt.id().number() > 0 && attempt.keepsEarlier()) {
            keepEarlier(stdout, attempt.id().number());
            keepEarlier(stderr, attempt.id().number());
        }
        String token = identity.incarnation() + '/' + attempt.id();
        var launch = new Launch(
                task.getArgvList(),
                attempt.environment(),
                variables(attempt, token),
                own.map(Folder::work).map(Path::toString).orElse(task.getDirectory()),
                stdout,
                stderr,
                token);
        Optional<JobProcess> fork = warm.start(launch, own.isPresent());
        return fork.isPresent() ? fork.get() : spawner.start(launch);
    }

    /** What it prints is sent, and it may need nothing else of where it was submitted. */
    private static boolean lacksDirectory(Task task) {
        return task.getOwnDirectory() && !Files.isDirectory(Path.of(task.getDirectory()));
    }

    private static String orDevNull(String file) {
        return file.isEmpty() ? "/dev/null" : file;
    }

    private Map<String, String> variables(Attempt attempt, String token) {
        Task task = attempt.task();
        var variables = new HashMap<>(task.getVariablesMap());
        ThreadVariables.addTo(variables, task, attempt.environment());
        blockEnd.addTo(variables);
        variables.put("INTERCHANGE_RUN", Integer.toString(attempt.id().run()));
        variables.put("INTERCHANGE_JOB", task.getName());
        variables.put("INTERCHANGE_ATTEMPT", Integer.toString(attempt.id().number()));
        variables.put("INTERCHANGE_CORES", Integer.toString(task.getCpus()));
        variables.put("INTERCHANGE_MEMORY_MIB", Long.toString(task.getMemoryMib()));
        variables.put(Launch.TOKEN, token);
        variables.putAll(identity.inherited());
        return variables;
    }

    /**
     * What the attempt before wrote stays, under its number; also that of before a restart of the run, since attempts are
     * counted on. Where that one never started, it is the output of the one before, and nothing of the next has this name.
     */
    private static void keepEarlier(String log, int number) throws NotStartedException {
        try {
            Path file = Path.of(log);
            if (Files.isRegularFile(file)) {
                Files.move(file, Path.of(log + '.' + (number - 1)), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw NotStartedException.of("can't keep the output of the attempt before in " + log, e);
        }
    }
}
