package interchange.submit.command;

import interchange.proto.control.JobRequest;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobState;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code logs RUN JOB}: what it printed. */
@Command(
        name = "logs",
        description = "Show what a job printed, in its latest attempt; with --json, the job and where its files are.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange logs 3 calibrate_42",
            "  interchange logs 3 calibrate_42 --stderr -f",
            "  interchange logs 3 calibrate_42 --json | jq -r .stderr"
        })
public final class LogsCommand implements Action {
    private static final Duration FILE_PERIOD = Duration.ofMillis(200);

    /** How many looks at the file there are to one at the job. */
    private static final int LOOKS_PER_QUESTION = 5;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Parameters(index = "1", paramLabel = "JOB", description = "The job's name.")
    String job = "";

    @Option(names = "--stderr", description = "Its standard error.")
    boolean stderr;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as it prints, through later attempts, until it has ended.")
    boolean follow;

    @Override
    public int run(Session session) throws CommandException, IOException, InterruptedException {
        try (var client = session.daemon().findOrStart()) {
            JobResponse answer = ask(client, session);
            if (session.console().json()) {
                session.console().json(answer);
                return 0;
            }
            Path file = Path.of(stderr ? answer.getStderr() : answer.getStdout());
            if (follow) {
                followTo(client, session, file, answer);
            } else {
                show(session, file, answer);
            }
            return 0;
        }
    }

    private JobResponse ask(ControlClient client, Session session) throws CommandException {
        return client.call(Request.newBuilder()
                        .setJob(JobRequest.newBuilder()
                                .setRun(session.run(parameter.run))
                                .setJob(job)))
                .getJob();
    }

    private static void show(Session session, Path file, JobResponse answer) throws CommandException, IOException {
        if (!Files.exists(file)) {
            throw new CommandException(
                    Kind.CONFLICT,
                    "job '" + answer.getJob().getName() + "' is "
                            + answer.getJob().getState().name() + " and there is no " + file
                            + (ended(answer) ? "" : ": wait for it by -f"));
        }
        try (FileTail tail = new FileTail(file)) {
            tail.copyTo(session.console().out());
        }
    }

    private void followTo(ControlClient client, Session session, Path file, JobResponse first)
            throws CommandException, IOException, InterruptedException {
        try (FileTail tail = new FileTail(file)) {
            boolean over = ended(first);
            for (long look = 1; true; look++) {
                boolean grew = tail.copyTo(session.console().out());
                session.console().out().flush();
                if (over && !grew) {
                    return;
                }
                if (!over && look % LOOKS_PER_QUESTION == 0) {
                    over = ended(ask(client, session));
                } else if (!over) {
                    Thread.sleep(FILE_PERIOD.toMillis());
                }
            }
        }
    }

    private static boolean ended(JobResponse answer) {
        JobState state = answer.getJob().getState();
        return answer.getRunEnded()
                || switch (state) {
                    case SUCCEEDED, FAILED, DELETED, PRUNED -> true;
                    case UNREADY, READY, PENDING, RUNNING, HELD, JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> false;
                };
    }
}
