package interchange.submit.output;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that someone who misspelled it meant. */
public final class NearestWord {
    private NearestWord() {}

    /** Like "unknown key 'memroy', did you mean 'memory'?". */
    public static String complaint(String what, String written, Collection<String> known) {
        String near = of(written, known)
                .map(word -> "did you mean '" + word + "'?")
                .orElse("known are " + String.join(", ", known));
        return "unknown " + what + " '" + written + "': " + near;
    }

    /** A word that differs by a third of its letters at most, if there is one. */
    public static Optional<String> of(String written, Collection<String> known) {
        return known.stream()
                .filter(word -> distance(written, word) <= Math.max(1, word.length() / 3))
                .min(Comparator.comparingInt(word -> distance(written, word)));
    }

    /** Insertions, removals and changes of letters; case and separators don't count. */
    private static int distance(String left, String right) {
        String from = plain(left);
        String to = plain(right);
        int[] above = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) {
            above[column] = column;
        }
        for (int row = 1; row <= from.length(); row++) {
            int[] here = new int[to.length() + 1];
            here[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int change = above[column - 1] + (from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1);
                here[column] = Math.min(change, Math.min(above[column], here[column - 1]) + 1);
            }
            above = here;
        }
        return above[to.length()];
    }

    private static String plain(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }
}
