package interchange.worker.warm;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a job's command is to a worker that could start it warm. */
sealed interface Recognized {
    /** Of a shell that is given a command, as the daemon makes them. */
    List<String> SHELL = List.of("/bin/bash", "-c");

    /**
     * A console script with its arguments.
     *
     * @param prefix shell commands that run before it in the same shell; empty: none
     * @param script its first word as it is written, which a shell may have to expand
     * @param words all of them, where no shell is needed
     * @param text else the command, for a shell to expand
     * @param exports what the shell sets before it that differs from attempt to attempt
     * @param throughShell whether the cold start would be a shell's
     */
    record Script(
            String prefix,
            String script,
            Optional<List<String>> words,
            String text,
            Exports exports,
            boolean throughShell)
            implements Recognized {}

    /** It runs cold; that is no news where it is not on the list of scripts. */
    record Other(String why, boolean listed) implements Recognized {}

    /**
     * @param argv the job's
     * @param prefix the site's commandPrefix
     * @param warm names of scripts that may be started warm
     */
    static Recognized of(List<String> argv, String prefix, List<String> warm) {
        if (argv.size() != 3 || !argv.subList(0, 2).equals(SHELL)) {
            boolean listed = !argv.isEmpty() && isOnList(argv.getFirst(), warm);
            return listed
                    ? new Script("", argv.getFirst(), Optional.of(List.copyOf(argv)), "", Exports.of(""), false)
                    : new Other("it is not on the list", false);
        }
        String text = argv.get(2);
        // Before anything is read of it: thousands of other jobs may start in a second.
        if (warm.stream().noneMatch(text::contains)) {
            return new Other("it is not on the list", false);
        }
        boolean prefixed = !prefix.isBlank() && text.startsWith(prefix + "\n");
        String rest = prefixed ? text.substring(prefix.length() + 1) : text;
        Exports exports = Exports.of(rest);
        String before = (prefixed ? prefix + "\n" : "") + exports.early();
        String command = stripped(rest.substring(exports.end()));
        if (exports.trouble().isPresent()) {
            return new Other(exports.trouble().get(), mentions(command, warm));
        }
        return switch (ShellWords.read(command)) {
            case ShellWords.Reading.Simple simple
            when !isOnList(simple.first(), warm) -> new Other("it is not on the list", false);
            case ShellWords.Reading.Simple simple ->
                new Script(
                        before,
                        simple.first(),
                        simple.plain() && exports.late().isEmpty() ? Optional.of(split(command)) : Optional.empty(),
                        command,
                        exports,
                        true);
            case ShellWords.Reading.NotSimple not -> new Other(not.why(), mentions(command, warm));
        };
    }

    static boolean isOnList(String script, List<String> warm) {
        return warm.contains(lastPart(script));
    }

    private static boolean mentions(String command, List<String> warm) {
        return Stream.of(command.split("[ \t\n]+")).anyMatch(word -> isOnList(word, warm));
    }

    /** Of what a shell takes for blanks around a command, and no more. */
    private static String stripped(String command) {
        return command.replaceAll("^[ \\t\\n]+|[ \\t\\n]+$", "");
    }

    private static String lastPart(String word) {
        return word.substring(word.lastIndexOf('/') + 1).replaceAll("[\"']$", "");
    }

    private static List<String> split(String command) {
        return List.of(command.split("[ \t]+"));
    }
}
