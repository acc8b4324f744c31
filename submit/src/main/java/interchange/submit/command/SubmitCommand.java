package interchange.submit.command;

import interchange.proto.control.Request;
import interchange.proto.control.SubmitRequest;
import interchange.proto.control.SubmitResponse;
import interchange.shared.LoginEnvironment;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.control.ControlClient;
import interchange.submit.workflow.Submission;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code submit WORKFLOW}: makes a run of it. */
@Command(
        name = "submit",
        description = {
            "Submit a workflow: a YAML file (.yaml, .yml), a workflow file in JSON lines (.jsonl), or - for standard"
                    + " input. Jobs of a YAML workflow run in the current directory, their output is in its logs/.",
            "Answers with the run as soon as the daemon has it on disk."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange submit demo.yaml",
            "  interchange submit demo.yaml --wait && echo it went well",
            "  interchange submit demo.yaml --site sdf      a site of the daemon's sites.yaml",
            "  generate_jobs | interchange submit -",
            "",
            "A workflow:",
            "  name: demo",
            "  site: {name: here, provider: local, cores: 2, memory: 4096}",
            "  defaults: {retries: 2}",
            "  jobs:",
            "    - {name: a, label: first, command: \"echo hello > a.txt\"}",
            "    - {name: b, label: second, needs: [a], argv: [cat, a.txt], memory: 512, walltime: 10}"
        })
public final class SubmitCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "WORKFLOW", description = "The file, or -.")
    String workflow = "";

    @Option(
            names = "--site",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Run it on this site instead of the one that the workflow names.")
    String site = "";

    @Option(names = "--wait", description = "Watch it to the end; exit code 0 if it succeeded, else 1.")
    boolean wait;

    @Override
    public int run(Session session) throws CommandException, IOException, InterruptedException {
        Submission submission = Submission.prepare(workflow, site, session);
        try (ControlClient client = clientFor(submission, session)) {
            SubmitResponse answer = send(submission, client, session);
            show(answer, session);
            return wait ? new Watcher(session, client, answer.getRun()).follow() : 0;
        }
    }

    private static ControlClient clientFor(Submission submission, Session session)
            throws CommandException, IOException {
        try {
            return session.daemon().findOrStart();
        } catch (CommandException e) {
            submission.discard();
            throw e;
        }
    }

    private static SubmitResponse send(Submission submission, ControlClient client, Session session)
            throws CommandException, IOException {
        try {
            return client.call(Request.newBuilder()
                            .setSubmit(SubmitRequest.newBuilder()
                                    .setWorkflow(submission.workflow().toString())
                                    .setArchitecture(System.getProperty("os.arch", ""))
                                    .putAllEnvironment(LoginEnvironment.withoutOurs(session.environment()))))
                    .getSubmit();
        } catch (CommandException e) {
            if (e.kind() == Kind.NO_DAEMON) {
                // It may have been taken before the daemon went away; asking again with the same file tells.
                throw new CommandException(
                        Kind.NO_DAEMON,
                        e.getMessage() + "; whether the run was made is not known: 'interchange submit "
                                + submission.workflow() + "' makes it if it was not");
            }
            submission.discard();
            throw new CommandException(
                    e.kind(),
                    e.messages().stream().map(submission::inTheUsersWords).toList());
        }
    }

    private static void show(SubmitResponse answer, Session session) {
        if (session.console().json()) {
            session.console().json(answer);
        } else {
            answer.getWarningsList().forEach(session.console()::note);
            session.console()
                    .line("Run " + answer.getRun() + (answer.getExisted() ? " exists already" : "")
                            + ": follow it by 'interchange watch " + answer.getRun() + "'");
        }
        session.console().out().flush();
    }
}
