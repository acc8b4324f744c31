package interchange.submit.command;

import interchange.pack.PackException;
import interchange.pack.Printed;
import interchange.proto.control.JobRequest;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.proto.control.Request;
import interchange.shared.Reasons;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code logs RUN JOB}: what it printed. */
@Command(
        name = "logs",
        description =
                "Show what a job printed, in its latest attempt; in its file or its pack; with --json, the job and where that is.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange logs 3 calibrate_42",
            "  interchange logs 3 calibrate_42 --stderr -f",
            "  interchange logs 3 calibrate_42 --attempt 0",
            "  interchange logs 3 calibrate_42 --json | jq -r .stderr"
        })
public final class LogsCommand implements Action {
    private static final int LATEST = -1;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Parameters(index = "1", paramLabel = "JOB", description = "The job's name.")
    String job = "";

    @Option(names = "--stderr", description = "Its standard error.")
    boolean stderr;

    @Option(names = "--attempt", paramLabel = "N", description = "An earlier attempt; the first has the number 0.")
    int attempt = LATEST;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as it prints, through later attempts, until it has ended.")
    boolean follow;

    @Override
    public int run(Session session) throws CommandException, IOException, InterruptedException {
        if (follow && session.console().json()) {
            throw new CommandException(
                    Kind.USER, "-f and --json exclude each other: what is followed is text; leave one of them out");
        }
        if (follow && attempt != LATEST) {
            throw new CommandException(
                    Kind.USER,
                    "-f and --attempt exclude each other: an earlier attempt has ended; leave one of them out");
        }
        try (var client = session.daemon().findOrStart()) {
            JobResponse answer = ask(client, session);
            if (session.console().json()) {
                session.console().json(answer);
                return 0;
            }
            print(client, session, answer);
            return 0;
        }
    }

    private void print(ControlClient client, Session session, JobResponse answer)
            throws CommandException, IOException, InterruptedException {
        try {
            if (follow) {
                new Follower(session.console(), outputs(answer), () -> ask(client, session)).follow(answer);
            } else {
                copyOnce(session, answer);
            }
        } catch (FileSystemException | PackException e) {
            throw new CommandException(
                    Kind.INTERNAL,
                    "the output of job '" + answer.getJob().getName() + "' can't be read here: " + Reasons.of(e)
                            + "; look at it where and as whom the run was submitted");
        }
    }

    private JobResponse ask(ControlClient client, Session session) throws CommandException {
        return client.call(Request.newBuilder()
                        .setJob(JobRequest.newBuilder()
                                .setRun(session.run(parameter.run))
                                .setJob(job)))
                .getJob();
    }

    private Outputs outputs(JobResponse answer) {
        // One that prints all into one file prints it into that of stdout.
        boolean one = answer.getStderr().equals(answer.getStdout());
        return new Outputs(stderr && !one ? Printed.STDERR : Printed.STDOUT);
    }

    private void copyOnce(Session session, JobResponse answer) throws CommandException, IOException {
        Outputs outputs = outputs(answer);
        try (Tail tail = attempt == LATEST ? outputs.last(answer) : outputs.of(answer, attempt)) {
            // A file of that name may be there before the job starts: another run's in the same directory.
            if (!started(answer) || !tail.exists()) {
                throw new CommandException(
                        Kind.CONFLICT,
                        "job '" + answer.getJob().getName() + "' is "
                                + answer.getJob().getState().name() + " and "
                                + (attempt == LATEST ? "" : "its attempt " + attempt + " ") + "has printed nothing"
                                + (ended(answer) ? "" : ": wait for it by -f")
                                + end(answer).map(how -> "; " + how).orElse(""));
            }
            tail.copyTo(session.console().out(), ended(answer));
        }
        session.console().out().flush();
        end(answer).ifPresent(session.console()::note);
    }

    /** What was printed may be elsewhere in part, or lost: the end says so. Empty: there is nothing to say of it. */
    private Optional<String> end(JobResponse answer) {
        int shown = attempt == LATEST ? Outputs.latest(answer).orElse(0) : attempt;
        return Outputs.row(answer, shown)
                .map(JobRow::getCause)
                .filter(cause -> cause.contains(": "))
                .map(cause -> "attempt " + shown + " ended as " + cause);
    }

    static boolean started(JobResponse answer) {
        return answer.getJob().getAttempts() > 0 || answer.getJob().getState() == JobState.RUNNING;
    }

    static boolean ended(JobResponse answer) {
        JobState state = answer.getJob().getState();
        return answer.getRunEnded()
                || switch (state) {
                    case SUCCEEDED, FAILED, DELETED, PRUNED -> true;
                    case UNREADY, READY, PENDING, RUNNING, HELD, JOB_STATE_UNSPECIFIED, UNRECOGNIZED -> false;
                };
    }
}
