package interchange.daemon;

import interchange.broker.WorkerCodec;
import interchange.core.AttemptId;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Now;
import interchange.core.Outcome;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JobCommand;
import interchange.journal.JobFile;
import interchange.journal.JournalReader;
import interchange.journal.LostEnvironmentException;
import interchange.proto.worker.Environment;
import interchange.proto.worker.Prints;
import interchange.proto.worker.Run;
import interchange.proto.worker.StagedFile;
import interchange.proto.worker.Task;
import interchange.proto.worker.ToWorker;
import interchange.shared.Reasons;
import interchange.site.SiteConfig;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends attempts with all that is needed to run them, which is read back from the journal. Conductor's thread. */
final class Dispatcher {
    /** A message with more in it is split: a worker begins with the first while the next is under way. */
    static final int TASKS_MAX = 200;

    static final int BYTES_MAX = 256 * 1024;

    /** After an environment could not be read. */
    private static final long TRY_AGAIN_MILLIS = 5_000;

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Sessions sessions;
    private final JournalReader reader;
    private final PackPlaces packs;
    private final EnvironmentFiles environments;
    private final Supplier<Now> clock;
    private final Backlog backlog;
    private final Troubles troubles;
    private boolean troubled;

    /** @param backlog gets the end of what could not be sent */
    Dispatcher(
            Sessions sessions,
            JournalReader reader,
            EnvironmentFiles environments,
            Supplier<Now> clock,
            Backlog backlog,
            Troubles troubles) {
        this.sessions = sessions;
        this.reader = reader;
        packs = new PackPlaces(reader);
        this.environments = environments;
        this.clock = clock;
        this.backlog = backlog;
        this.troubles = troubles;
    }

    void start(Effect.Start start) {
        sessions.find(start.session()).ifPresent(session -> start(session, start));
    }

    private void start(Session session, Effect.Start start) {
        Run.Builder message = Run.newBuilder();
        int bytes = 0;
        Map<AttemptId, JobCommand> commands = commands(start.attempts());
        for (AttemptId attempt : start.attempts()) {
            if (message.getTasksCount() >= TASKS_MAX || bytes >= BYTES_MAX) {
                send(session, message);
                message = Run.newBuilder();
                bytes = 0;
            }
            bytes += add(message, session, attempt, Objects.requireNonNull(commands.get(attempt)));
        }
        send(session, message);
    }

    private void send(Session session, Run.Builder message) {
        if (message.getTasksCount() > 0) {
            sessions.send(session, ToWorker.newBuilder().setRun(message));
        }
    }

    /** Adds an attempt to a message; returns how much longer that has become. */
    private int add(Run.Builder message, Session session, AttemptId attempt, JobCommand job) {
        try {
            long id = environments.id(attempt.run(), job.environment());
            int bytes = 0;
            if (!session.hasEnvironment(id)) {
                Environment environment = Environment.newBuilder()
                        .setId(id)
                        .putAllVariables(environments.environment(attempt.run(), job.environment()))
                        .build();
                message.addEnvironments(environment);
                session.sentEnvironment(id);
                bytes += environment.getSerializedSize();
            }
            readable();
            Task task = task(attempt, job, id)
                    .setPrints(prints(session.logs(), attempt, job))
                    .setOwnDirectory(session.logs() == SiteConfig.Logs.STREAM && namesNoDirectory(attempt, job))
                    .build();
            message.addTasks(task);
            return bytes + task.getSerializedSize();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof LostEnvironmentException) {
                notStarted(session, attempt, e);
            } else {
                notNow(session, attempt, e);
            }
            return 0;
        }
    }

    private void readable() {
        if (troubled) {
            troubled = false;
            troubles.end(Troubles.Kind.ENVIRONMENT);
        }
    }

    /** The disk's trouble is not the job's: it is taken back, and given to a worker again when that may have passed. */
    private void notNow(Session session, AttemptId attempt, UncheckedIOException e) {
        LOG.error("Attempt {} can't be sent now: {}", attempt, Reasons.of(e));
        troubled = true;
        troubles.begin(
                Troubles.Kind.ENVIRONMENT,
                "the environment of run " + attempt.run() + " can't be read: " + Reasons.of(e)
                        + "; its jobs wait until it can");
        backlog.addLater(
                new Event.AttemptRetracted(session.number(), attempt),
                clock.get().steadyMillis() + TRY_AGAIN_MILLIS);
    }

    /** One reading for the attempts of each run. */
    private Map<AttemptId, JobCommand> commands(List<AttemptId> attempts) {
        Map<Integer, List<AttemptId>> byRun = attempts.stream()
                .collect(Collectors.groupingBy(AttemptId::run, LinkedHashMap::new, Collectors.toList()));
        Map<AttemptId, JobCommand> found = new HashMap<>();
        byRun.forEach((run, ofRun) -> {
            List<JobCommand> commands =
                    reader.commands(run, ofRun.stream().map(AttemptId::job).toList());
            for (int i = 0; i < commands.size(); i++) {
                found.put(ofRun.get(i), commands.get(i));
            }
        });
        return found;
    }

    private static Task.Builder task(AttemptId attempt, JobCommand job, long environment) {
        return Task.newBuilder()
                .setAttempt(WorkerCodec.name(attempt))
                .setName(job.name())
                .addAllArgv(job.argv())
                .setDirectory(job.directory())
                .setStdout(job.stdout())
                .setStderr(job.stderr())
                .setEnvironment(environment)
                .setCpus(job.cpus())
                .setMemoryMib(job.memoryMiB())
                .setWalltimeSeconds(job.walltimeSeconds())
                .addAllFiles(files(job));
    }

    /** It runs where it was submitted. */
    private boolean namesNoDirectory(AttemptId attempt, JobCommand job) {
        return Path.of(job.directory()).equals(packs.submitDirectory(attempt.run()));
    }

    private Prints prints(SiteConfig.Logs logs, AttemptId attempt, JobCommand job) {
        Prints.Builder prints = Prints.newBuilder();
        switch (logs) {
            case FILES -> {}
            case PACK ->
                packs.directory(attempt.run(), job.stdout(), job.stderr())
                        .map(Path::toString)
                        .ifPresent(prints::setPackDirectory);
            case STREAM -> prints.setStream(true);
        }
        return prints.build();
    }

    /** By number: where they are on this host is no worker's business. */
    private static List<StagedFile> files(JobCommand job) {
        List<StagedFile> files = new ArrayList<>();
        for (JobFile file : job.files()) {
            files.add(StagedFile.newBuilder()
                    .setName(file.name())
                    .setNumber(files.size())
                    .setKind(
                            switch (file.kind()) {
                                case INPUT -> StagedFile.Kind.INPUT;
                                case EXECUTABLE -> StagedFile.Kind.EXECUTABLE;
                                case OUTPUT -> StagedFile.Kind.OUTPUT;
                            })
                    .build());
        }
        return files;
    }

    /** Without its environment a job must not run: it would do something else than what was asked. */
    private void notStarted(Session session, AttemptId attempt, UncheckedIOException e) {
        String message = Reasons.of(e);
        LOG.error("Attempt {} can't be sent: {}", attempt, message);
        long now = clock.get().epochMillis();
        Outcome outcome = new Outcome(Outcome.Cause.NOT_STARTED, 0, 0, message, 0, now, 0, 0, false);
        backlog.add(new Event.AttemptFinished(session.number(), attempt, outcome));
    }
}
