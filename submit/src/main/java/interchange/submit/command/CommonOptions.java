package interchange.submit.command;

import picocli.CommandLine.Option;

/** What every command understands. */
final class CommonOptions {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    /** Acted on before arguments are read, so that errors of reading them are JSON too. */
    @Option(names = "--json", description = "Answer in JSON.")
    boolean json;
}
