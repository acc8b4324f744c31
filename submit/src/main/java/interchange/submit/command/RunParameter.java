package interchange.submit.command;

import picocli.CommandLine.Parameters;

/** The run that a command is about. */
final class RunParameter {
    @Parameters(
            index = "0",
            arity = "1",
            paramLabel = "RUN",
            description = "Its number, submit directory or global id.")
    String run = "";
}
