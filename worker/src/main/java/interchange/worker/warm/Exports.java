package interchange.worker.warm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The lines before a command by which a submission sets variables that refer to others, and which do nothing else.
 *
 * @param early those that are the same for all attempts, so that importing may read them
 * @param late those that differ from attempt to attempt, for each fork to set
 * @param lateNames what these set
 * @param end where in the text the lines end
 */
record Exports(String early, String late, List<String> lateNames, int end) {
    /** Possessive, since else each character of a value takes some of the stack. */
    private static final Pattern LINE =
            Pattern.compile("export ([A-Za-z_][A-Za-z0-9_]*)=\"((?:[^\"`\\n(\\\\]++|\\\\.)*+)\"\n");
    /** What a shell says of itself, which each attempt has one of its own to ask. */
    private static final Pattern OF_THE_SHELL =
            Pattern.compile("\\$(?:\\$|!|-|\\{?(?:BASHPID|PPID|RANDOM|SRANDOM|SECONDS|LINENO|EPOCH|BASH_|_\\b))");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    /** Read when a process starts or a library is loaded, which is too late in a fork; as in the template's words.py. */
    private static final List<String> AT_START =
            List.of("PYTHON", "LC_", "LD_", "LANG", "TZ", "GLIBC_", "MALLOC_", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_");
    /** By it the script is found, before anything is late. */
    private static final String PATH = "PATH";

    static Exports of(String text) {
        var early = new StringBuilder();
        var late = new StringBuilder();
        Set<String> names = new HashSet<>();
        Set<String> readLate = new HashSet<>();
        List<String> lateNames = new ArrayList<>();
        boolean apart = true;
        int end = 0;
        for (Matcher line = LINE.matcher(text); line.find(end) && line.start() == end; end = line.end()) {
            String name = line.group(1);
            // Whether it says such a name or means the variable.
            Set<String> read = NAME.matcher(line.group(2))
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toSet());
            boolean isLate = read.stream().anyMatch(Kind::isOfTheAttempt)
                    || !Collections.disjoint(read, lateNames)
                    || OF_THE_SHELL.matcher(line.group(2)).find();
            (isLate ? late : early).append(line.group());
            if (isLate) {
                lateNames.add(name);
                readLate.addAll(read);
            }
            // Of some the order counts: one that is set twice, that others are found by, or that a late one reads
            // before.
            apart &= names.add(name)
                    && (isLate || !readLate.contains(name))
                    && !(isLate && name.equals(PATH))
                    && !line.group(2).contains("${!");
        }
        return apart
                ? new Exports(early.toString(), late.toString(), List.copyOf(lateNames), end)
                : new Exports(text.substring(0, end), "", List.of(), end);
    }

    /** Why no fork can be as the cold start is. */
    Optional<String> trouble() {
        Optional<String> tooLate = lateNames.stream()
                .filter(name -> AT_START.stream().anyMatch(name::startsWith))
                .findFirst();
        if (tooLate.isPresent()) {
            return Optional.of(tooLate.get() + " differs from attempt to attempt, and is read when a process starts");
        }
        return OF_THE_SHELL.matcher(early).find()
                ? Optional.of("a variable is set by what a shell says of itself, and the order of all counts")
                : Optional.empty();
    }
}
