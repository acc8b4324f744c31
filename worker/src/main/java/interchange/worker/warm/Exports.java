package interchange.worker.warm;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines before a command by which a submission sets variables that refer to others, and which do nothing else.
 *
 * @param early those that are the same for all attempts, so that importing may read them
 * @param late those that differ from attempt to attempt, for each fork to set
 * @param lateNames what these set
 * @param end where in the text the lines end
 */
record Exports(String early, String late, List<String> lateNames, int end) {
    private static final Pattern LINE =
            Pattern.compile("export ([A-Za-z_][A-Za-z0-9_]*)=\"((?:[^\"`\\n(\\\\]|\\\\.)*)\"\n");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    /** By it the script is found, before anything is late. */
    private static final String PATH = "PATH";

    static Exports of(String text) {
        var early = new StringBuilder();
        var late = new StringBuilder();
        Set<String> names = new LinkedHashSet<>();
        List<String> lateNames = new ArrayList<>();
        boolean apart = true;
        int end = 0;
        for (Matcher line = LINE.matcher(text); line.find(end) && line.start() == end; end = line.end()) {
            String name = line.group(1);
            // Whether it says such a name or means the variable.
            boolean isLate = NAME.matcher(line.group(2))
                    .results()
                    .map(MatchResult::group)
                    .anyMatch(other -> Kind.isOfTheAttempt(other) || lateNames.contains(other));
            (isLate ? late : early).append(line.group());
            if (isLate) {
                lateNames.add(name);
            }
            // One that is set twice depends on the order, as one does that the others are found by.
            apart &= names.add(name)
                    && !(isLate && name.equals(PATH))
                    && !line.group(2).contains("${!");
        }
        return apart
                ? new Exports(early.toString(), late.toString(), List.copyOf(lateNames), end)
                : new Exports(text.substring(0, end), "", List.of(), end);
    }
}
