package interchange.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Node names as Slurm writes them together: {@code n[1-3,07],gpu[1-2]-ib,login}. */
final class NodeList {
    /** More than any block has; a list that says more is not ours to expand. */
    static final int NODES_MAX = 10_000;

    /** Commas outside brackets. */
    private static final Pattern BETWEEN = Pattern.compile(",(?![^\\[]*])");

    private static final Pattern BRACKETS = Pattern.compile("([^\\[\\]]*)\\[([^\\[\\]]*)](.*)");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})-(\\d{1,9})");

    private NodeList() {}

    /** Every name; none where the list is not understood, or is too long. */
    static List<String> expand(String text) {
        List<String> names = new ArrayList<>();
        for (String part : BETWEEN.split(text.strip(), -1)) {
            if (!expand("", part, names)) {
                return List.of();
            }
        }
        return List.copyOf(names);
    }

    /** False: too many. */
    private static boolean expand(String before, String part, List<String> names) {
        Matcher brackets = BRACKETS.matcher(part);
        if (!brackets.matches()) {
            String name = before + part;
            if (!name.isEmpty()) {
                names.add(name);
            }
            return names.size() <= NODES_MAX && part.indexOf('[') < 0;
        }
        for (String number : brackets.group(2).split(",", -1)) {
            Matcher range = RANGE.matcher(number);
            int first = range.matches() ? Integer.parseInt(range.group(1)) : 0;
            int last = range.matches() ? Integer.parseInt(range.group(2)) : 0;
            if (last - first > NODES_MAX) {
                return false;
            }
            for (int index = first; index <= last; index++) {
                String one = range.matches() ? padded(index, range.group(1).length()) : number;
                if (!expand(before + brackets.group(1) + one, brackets.group(3), names)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String padded(int index, int width) {
        String digits = Integer.toString(index);
        return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }
}
