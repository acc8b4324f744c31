package interchange.submit;

import interchange.shared.Reasons;
import interchange.submit.output.Console;
import interchange.submit.output.NearestWord;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads arguments, runs the command they name, and turns whatever comes of it into an exit code. */
public final class Cli {
    private static final String JSON_OPTION = "--json";
    private static final int HELP_WIDTH = 110;

    private final Session session;

    @Command(
            name = "interchange",
            description = "Runs LSST BPS workflows on the clusters that astronomers already have.",
            synopsisSubcommandLabel = "COMMAND",
            footerHeading = "%nExamples:%n",
            footer = {
                "  interchange submit demo.yaml --wait    run a workflow and see it through",
                "  interchange list                       the runs of the last days",
                "  interchange watch 3                    follow run 3",
                "  interchange COMMAND --help             more on a command, with examples",
                "",
                "Exit codes: 0 fine; 1 the run failed, or the operation was refused; 2 wrong usage, workflow or site;",
                "3 no daemon; 4 no such run or job; 5 anything else. With --json, standard output is JSON,",
                "errors too: {\"error\": {\"kind\": ..., \"messages\": [...]}}."
            })
    static final class Top {
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help.")
        boolean help;
    }

    public Cli(Session session) {
        this.session = session;
    }

    /** Runs one command line; never throws. */
    public int execute(String... arguments) {
        boolean json = Arrays.stream(arguments)
                .takeWhile(argument -> !argument.equals("--"))
                .anyMatch(JSON_OPTION::equals);
        Console console = session.console().withJson(json);
        try {
            return run(new Session(session.environment(), session.directory(), session.in(), console), arguments);
        } catch (CommandException e) {
            console.error(e);
            return e.kind().exitCode();
        } catch (IOException e) {
            return failed(console, new CommandException(Kind.INTERNAL, Reasons.of(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(console, new CommandException(Kind.INTERNAL, "interrupted"));
        } catch (RuntimeException e) {
            // A fault of ours: the trace is what we need to mend it.
            PrintStream err = console.err();
            e.printStackTrace(err);
            return failed(console, new CommandException(Kind.INTERNAL, "a fault of ours: " + e));
        }
    }

    private static int failed(Console console, CommandException problem) {
        console.error(problem);
        return problem.kind().exitCode();
    }

    private int run(Session caller, String... arguments) throws CommandException, IOException, InterruptedException {
        CommandLine line = commandLine(arguments);
        ParseResult parsed;
        try {
            parsed = line.parseArgs(arguments);
        } catch (ParameterException e) {
            throw new CommandException(Kind.USER, complaint(e, arguments));
        }
        CommandLine deepest = parsed.asCommandLineList().getLast();
        if (deepest.isUsageHelpRequested()) {
            usage(deepest, caller);
            return 0;
        }
        if (deepest.getCommand() instanceof Action action) {
            return action.run(caller);
        }
        usage(deepest, caller);
        return Kind.USER.exitCode();
    }

    private static void usage(CommandLine line, Session caller) {
        line.usage(caller.console().out());
    }

    private static List<String> complaint(ParameterException e, String... arguments) {
        boolean top = e.getCommandLine().getParent() == null;
        String help = "see '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'";
        if (top && arguments.length > 0 && !arguments[0].startsWith("-")) {
            List<String> known =
                    Arrays.stream(Commands.values()).map(Commands::word).toList();
            return List.of(NearestWord.complaint("command", arguments[0], known) + "; " + help);
        }
        String message = Objects.requireNonNullElse(e.getMessage(), "");
        String lower = message.isEmpty() ? message : Character.toLowerCase(message.charAt(0)) + message.substring(1);
        List<String> near = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return List.of(lower + (near.isEmpty() ? "" : ", did you mean '" + near.getFirst() + "'?") + "; " + help);
    }

    /** The one command that is meant, or all of them: describing a command to picocli costs time. */
    static CommandLine commandLine(String... arguments) {
        IFactory factory = CommandLine.defaultFactory();
        CommandLine line = new CommandLine(new Top(), factory);
        List<Commands> meant = arguments.length == 0
                ? List.of()
                : Arrays.stream(Commands.values())
                        .filter(command -> command.word().equals(arguments[0]))
                        .toList();
        line.setUsageHelpWidth(HELP_WIDTH);
        for (Commands command : meant.isEmpty() ? List.of(Commands.values()) : meant) {
            CommandLine sub = new CommandLine(command.make(), factory);
            line.addSubcommand(command.word(), sub.setUsageHelpWidth(HELP_WIDTH));
        }
        return line;
    }
}
