package interchange.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** What someone who wrote a name that does not exist may have meant. */
public final class NearMiss {
    /** Names that differ by more edits than this are different names. */
    private static final int EDITS_MAX = 3;

    private NearMiss() {}

    /** The known name nearest to the one written, if one is near. */
    public static Optional<String> of(String written, Collection<String> known) {
        String plain = plain(written);
        Optional<String> best = Optional.empty();
        // A third of a name may be wrong; of a short one, one letter.
        int bestEdits = Math.min(EDITS_MAX, Math.max(1, plain.length() / 3)) + 1;
        for (String name : known) {
            int edits = edits(plain, plain(name));
            if (edits < bestEdits) {
                best = Optional.of(name);
                bestEdits = edits;
            }
        }
        return best;
    }

    /** Case and separators are what is most often wrong, so they count nothing. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }

    /** The Levenshtein distance. */
    private static int edits(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = above[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[b.length()];
    }
}
