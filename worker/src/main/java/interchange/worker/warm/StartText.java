package interchange.worker.warm;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The shell commands that start a template: the prefix of the site, then the interpreter of the script. Where the script
 * can't be run so that it looks like the shell's own start of it, they end with {@link #EXIT_COLD}, and say why.
 */
final class StartText {
    /** No code of a shell or of Python. */
    static final int EXIT_COLD = 97;

    /**
     * Before the prefix. Read only, so that the prefix can't have it say another thing; it goes with the shell, since it is
     * not exported.
     */
    private static final String BEFORE = """
            %s -n -c %s 2>/dev/null || { echo 'cold: what runs before it is no whole command' >&2; exit %d; }
            readonly interchange_shell="$-:$SHELLOPTS:$BASHOPTS:$IFS"
            """;

    /** After it; {@code set --} gives SCRIPT, then what stands before and behind it in the command of the template. */
    private static final String AFTER = """

            interchange_cold() { printf 'cold: %%s\\n' "$1" >&2; exit %d; }
            [ "$interchange_shell" = "$-:$SHELLOPTS:$BASHOPTS:$IFS" ] ||
                interchange_cold 'what runs before it sets options of the shell'
            [ . -ef %s ] || interchange_cold 'what runs before it goes to another directory'
            [ -z "$(trap)" ] || interchange_cold 'what runs before it sets a trap'
            [ -z "$(jobs -p)" ] || interchange_cold 'what runs before it leaves a process behind'
            [ /proc/self/fd/0 -ef /dev/null ] && [ /proc/self/fd/1 -ef %s ] && [ /proc/self/fd/2 -ef %s ] ||
                interchange_cold 'what runs before it opens other outputs'
            set -- %s
            [ $# -eq 1 ] || interchange_cold "its first word is $# words"
            [ "$(type -t -- "$1")" = file ] || interchange_cold "there is no program $1"
            set -- "$(type -P -- "$1")"
            case $1 in /*) ;; *) interchange_cold "the path $1 is relative" ;; esac
            { IFS= read -r interchange_line <"$1"; } 2>/dev/null || interchange_cold "$1 can't be read"
            [[ $interchange_line =~ ^'#!'[\\ $'\\t']*([^\\ $'\\t']+)[\\ $'\\t']*(.*)$ ]] ||
                interchange_cold "$1 has no interpreter in its first line"
            interchange_name=${BASH_REMATCH[1]##*/}
            case $interchange_name:${BASH_REMATCH[2]} in
            python*:* | env:python*) ;;
            *) interchange_cold "$1 is no script of Python" ;;
            esac
            case ${BASH_REMATCH[2]} in
            '') exec "${BASH_REMATCH[1]}" %s "$1" %s ;;
            *) exec "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]%%"${BASH_REMATCH[2]##*[![:space:]]}"}" %s "$1" %s ;;
            esac
            """;

    private StartText() {}

    /**
     * @param directory where the job's shell would run it
     * @param out where it prints
     * @param err where it prints what is wrong
     * @param before arguments of the template before the script's path
     * @param behind and behind it
     */
    static String of(Kind kind, Path directory, Path out, Path err, List<String> before, List<String> behind) {
        String first = quoted(before);
        String last = quoted(behind);
        String script = kind.throughShell() ? kind.script() : quoted(kind.script());
        String complete = BEFORE.formatted(Recognized.SHELL.getFirst(), quoted(kind.prefix()), EXIT_COLD);
        String after = AFTER.formatted(
                EXIT_COLD,
                quoted(directory.toString()),
                quoted(out.toString()),
                quoted(err.toString()),
                script,
                first,
                last,
                first,
                last);
        return complete + kind.prefix() + after;
    }

    private static String quoted(List<String> words) {
        return words.stream().map(StartText::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
