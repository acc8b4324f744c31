package interchange.submit.command;

import interchange.proto.control.Request;
import interchange.proto.control.RestartRequest;
import interchange.proto.control.RestartResponse;
import interchange.shared.LoginEnvironment;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code restart RUN}: once more what has not succeeded. */
@Command(
        name = "restart",
        description = {
            "Run again what has not succeeded in a run that has ended, and its final job.",
            "Jobs see the environment of this shell from now on."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  interchange restart 3"})
public final class RestartCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Mixin
    RunParameter parameter = new RunParameter();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            RestartResponse answer = client.call(Request.newBuilder()
                            .setRestart(RestartRequest.newBuilder()
                                    .setRun(session.run(parameter.run))
                                    .putAllEnvironment(LoginEnvironment.withoutOurs(session.environment()))))
                    .getRestart();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                session.console().line("Run " + answer.getRun() + " " + answer.getName() + " is running again");
                answer.getMessagesList().forEach(session.console()::line);
            }
            return 0;
        }
    }
}
