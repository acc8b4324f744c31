package interchange.worker.warm;

import java.util.Locale;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Reads a shell command as far as is needed to say whether it is one simple command, without substitutions of commands,
 * redirections or anything else that does more than name its words. What the words are is left to a shell.
 */
final class ShellWords {
    /** They end a simple command, or make another kind of one. */
    private static final String OPERATORS = ";&|<>()`\n\r\0";

    /** What a shell would have to look at: files, homes, or alternatives. */
    private static final String PATTERNS = "*?[]{}~^";

    /** Variables that a shell makes by itself, which another shell makes otherwise. */
    private static final Set<String> OF_THE_SHELL = Set.of(
            "_",
            "RANDOM",
            "SRANDOM",
            "SECONDS",
            "LINENO",
            "PPID",
            "UID",
            "EUID",
            "GROUPS",
            "DIRSTACK",
            "FUNCNAME",
            "HISTCMD",
            "HOSTNAME",
            "HOSTTYPE",
            "MACHTYPE",
            "OSTYPE",
            "SHELLOPTS",
            "SHLVL",
            "PWD",
            "OLDPWD",
            "IFS",
            "OPTIND",
            "OPTARG",
            "OPTERR",
            "PIPESTATUS",
            "REPLY",
            "EPOCHSECONDS",
            "EPOCHREALTIME",
            "PS4",
            "COLUMNS",
            "LINES");

    private final String text;
    private int at;
    private boolean plain = true;

    /** A command whose words a shell can tell. */
    sealed interface Reading {
        /**
         * @param first its first word as it is written
         * @param plain whether its words are what stands between the blanks, so that no shell is needed
         */
        record Simple(String first, boolean plain) implements Reading {}

        record NotSimple(String why) implements Reading {}
    }

    private static final class NotSimpleException extends Exception {
        private static final long serialVersionUID = 1L;

        NotSimpleException(String why) {
            super(why, null, false, false);
        }
    }

    private ShellWords(String text) {
        this.text = text;
    }

    /** @param command without blanks around it */
    static Reading read(String command) {
        try {
            return new ShellWords(command).read();
        } catch (NotSimpleException e) {
            return new Reading.NotSimple(String.valueOf(e.getMessage()));
        }
    }

    private Reading read() throws NotSimpleException {
        String first = word();
        if (first.isEmpty()) {
            throw new NotSimpleException("it is empty");
        }
        if (first.matches("(?s)[A-Za-z_][A-Za-z0-9_]*(\\[.*])?\\+?=.*")) {
            throw new NotSimpleException("it begins with an assignment");
        }
        while (at < text.length()) {
            word();
        }
        return new Reading.Simple(first, plain);
    }

    /** Goes behind the next word and the blanks after it. */
    private String word() throws NotSimpleException {
        int start = at;
        while (at < text.length() && !isBlank(text.charAt(at))) {
            char c = text.charAt(at);
            switch (c) {
                case '\'' -> singleQuoted();
                case '"' -> doubleQuoted();
                case '\\' -> escaped();
                case '$' -> variable();
                default -> unquoted(c, start);
            }
        }
        String word = text.substring(start, at);
        while (at < text.length() && isBlank(text.charAt(at))) {
            at++;
        }
        return word;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private void unquoted(char c, int start) throws NotSimpleException {
        if (OPERATORS.indexOf(c) >= 0) {
            throw new NotSimpleException("it has " + shown(c) + " outside of quotes");
        }
        if (c == '#' && at == start) {
            throw new NotSimpleException("it has a comment");
        }
        if (PATTERNS.indexOf(c) >= 0 || c == '!') {
            plain = false;
        }
        at++;
    }

    private static String shown(char c) {
        return switch (c) {
            case '\n', '\r' -> "an end of line";
            case '\0' -> "a NUL character";
            default -> String.valueOf(c);
        };
    }

    private void singleQuoted() throws NotSimpleException {
        plain = false;
        int end = text.indexOf('\'', at + 1);
        if (end < 0) {
            throw new NotSimpleException("a quote is not closed");
        }
        at = end + 1;
    }

    private void doubleQuoted() throws NotSimpleException {
        plain = false;
        for (at++; at < text.length(); ) {
            char c = text.charAt(at);
            switch (c) {
                case '"' -> {
                    at++;
                    return;
                }
                case '\\' -> escaped();
                case '$' -> variable();
                case '`' -> throw new NotSimpleException("it has `");
                default -> at++;
            }
        }
        throw new NotSimpleException("a quote is not closed");
    }

    private void escaped() throws NotSimpleException {
        plain = false;
        if (at + 1 >= text.length() || text.charAt(at + 1) == '\n') {
            throw new NotSimpleException("it ends with \\");
        }
        at += 2;
    }

    /** {@code $NAME} or <code>${NAME}</code> and nothing else: the rest may change something, or be another thing here. */
    private void variable() throws NotSimpleException {
        plain = false;
        boolean braces = at + 1 < text.length() && text.charAt(at + 1) == '{';
        int start = at + (braces ? 2 : 1);
        int end = start;
        IntPredicate isOfName = c -> c < 0x80 && (Character.isLetterOrDigit(c) || c == '_');
        while (end < text.length() && isOfName.test(text.charAt(end))) {
            end++;
        }
        String name = text.substring(start, end);
        boolean closed = !braces || (end < text.length() && text.charAt(end) == '}');
        if (name.isEmpty() || Character.isDigit(name.charAt(0)) || !closed) {
            throw new NotSimpleException("it has more than a plain variable after $");
        }
        if (OF_THE_SHELL.contains(name)
                || name.startsWith("BASH")
                || name.toUpperCase(Locale.ROOT).startsWith("COMP_")) {
            throw new NotSimpleException("it uses $" + name + ", which is the shell's own");
        }
        at = end + (braces ? 1 : 0);
    }
}
