package interchange.submit;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes docs/cli.md from the commands themselves. */
final class CliManual {
    /** What a user may set; a test finds every name of our sources here or in {@link #GIVEN} or {@link #INTERNAL}. */
    static final Map<String, String> VARIABLES = new TreeMap<>(Map.of(
            "INTERCHANGE_HOME", "The daemon's directory; `~/.interchange` by default.",
            "INTERCHANGE_AUTOSTART",
                    "`0`: no command starts a daemon on demand (as `autostart: false` in config.yaml).",
            "INTERCHANGE_JAVA", "The Java to run on: the program, or the directory of a JDK 25.",
            "INTERCHANGE_JARS", "Where our jars are; by default beside those that run.",
            "INTERCHANGE_CACHE", "Where startup caches are; `cache/` of the daemon's directory by default.",
            "INTERCHANGE_AOT", "`0`: no startup cache is made.",
            "INTERCHANGE_UMASK", "The file mode mask of jobs, in octal; by default that of the submitting shell.",
            "INTERCHANGE_TERM_BEFORE_END",
                    "In the environment of a job, anything but `0`: it is sent a TERM before its block ends (sites.md).",
            "INTERCHANGE_CLI", "The command that the BPS plugin runs in place of `interchange`.",
            "INTERCHANGE_DAEMON_JVM_OPTIONS",
                    "Options for the daemon's Java, such as `-Xmx4g`; likewise `INTERCHANGE_WORKER_JVM_OPTIONS`."));

    /** What jobs find in their environment. */
    static final Map<String, String> GIVEN = new TreeMap<>(Map.of(
            "INTERCHANGE_RUN", "The run.",
            "INTERCHANGE_JOB", "The job's name.",
            "INTERCHANGE_ATTEMPT", "The attempt, from 0.",
            "INTERCHANGE_CORES", "The cores that the job has.",
            "INTERCHANGE_MEMORY_MIB", "The memory that the job has.",
            "INTERCHANGE_BLOCK_ENDS", "When its block ends, in seconds since 1970; not there where that isn't known.",
            "INTERCHANGE_REMAINING_SECONDS", "How long that was to go when the job started; likewise."));

    private CliManual() {}

    static String text() {
        return """
                # The command line

                `interchange COMMAND --help` says the same. This page is made from the commands, and a test compares them.

                Every command understands `--json`: standard output is then one JSON document on one line (`watch`: one for
                each report), also of what went wrong: `{"error": {"kind": ..., "messages": [...]}}`. Messages for people are on
                standard error.

                ## Exit codes

                | code | meaning |
                |---|---|
                | 0 | fine |
                """ + codes() + """
                | 6 | `status` alone: the run has not ended |

                ## Variables

                | variable | meaning |
                |---|---|
                """ + rows(VARIABLES) + """

                What jobs find:

                | variable | meaning |
                |---|---|
                """ + rows(GIVEN) + """

                ## Commands

                """
                + Arrays.stream(Commands.values()).map(CliManual::command).collect(Collectors.joining("\n"));
    }

    private static String codes() {
        Map<Integer, String> byCode = Arrays.stream(Kind.values())
                .collect(Collectors.groupingBy(
                        Kind::exitCode,
                        TreeMap::new,
                        Collectors.mapping(kind -> kind.meaning() + " (`" + kind + "`)", Collectors.joining("; "))));
        byCode.merge(1, "the run failed", (kinds, run) -> run + "; " + kinds);
        return rows(byCode).replace("`1`", "1").replaceAll("(?m)^\\| `(\\d)` \\|", "| $1 |");
    }

    private static String rows(Map<?, String> entries) {
        return entries.entrySet().stream()
                .map(entry -> "| `" + entry.getKey() + "` | " + entry.getValue() + " |\n")
                .collect(Collectors.joining());
    }

    private static String command(Commands command) {
        CommandLine line = Objects.requireNonNull(
                Cli.commandLine(command.word()).getSubcommands().get(command.word()));
        CommandSpec spec = line.getCommandSpec();
        StringBuilder text = new StringBuilder("### " + command.word() + "\n\n");
        text.append(String.join(" ", spec.usageMessage().description())).append("\n\n");
        text.append("    ").append(synopsis(line)).append("\n\n");
        String arguments = arguments(spec);
        if (!arguments.isEmpty()) {
            text.append("| argument | meaning |\n|---|---|\n").append(arguments).append('\n');
        }
        text.append("```\n");
        for (String example : spec.usageMessage().footer()) {
            text.append(example.startsWith("  ") ? example.substring(2) : example)
                    .append('\n');
        }
        text.append("```\n");
        return text.toString().replace("%n", "\n");
    }

    private static String synopsis(CommandLine line) {
        line.setUsageHelpWidth(200);
        return new Help(line.getCommandSpec(), Help.defaultColorScheme(Help.Ansi.OFF))
                .synopsis(0)
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static String arguments(CommandSpec spec) {
        StringBuilder rows = new StringBuilder();
        for (PositionalParamSpec argument : spec.positionalParameters()) {
            rows.append(row(argument.paramLabel(), argument));
        }
        for (OptionSpec option : spec.options()) {
            boolean common = option.longestName().equals("--help")
                    || option.longestName().equals("--json");
            if (!common && !option.hidden()) {
                String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
                rows.append(row(String.join(", ", option.names()) + value, option));
            }
        }
        return rows.toString();
    }

    private static String row(String name, ArgSpec argument) {
        return "| `" + name + "` | " + String.join(" ", argument.description()) + " |\n";
    }
}
