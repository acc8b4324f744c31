package interchange.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** What someone who wrote a name that does not exist may have meant. */
public final class NearMiss {
    /** Names that differ by more edits than this are different names. */
    private static final int EDITS_MAX = 3;

    /** No name of ours is longer; what someone wrote may be, and the time grows with it. */
    private static final int LENGTH_MAX = 100;

    private NearMiss() {}

    /** The known name nearest to the one written, if one is near. */
    public static Optional<String> of(String written, Collection<String> known) {
        String plain = plain(written.length() > LENGTH_MAX ? written.substring(0, LENGTH_MAX) : written);
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

    /** Letters that are missing, too many or wrong, and neighbours that changed places (optimal string alignment). */
    private static int edits(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                edits[i][j] = i == 0 || j == 0 ? i + j : step(edits, a, b, i, j);
            }
        }
        return edits[a.length()][b.length()];
    }

    private static int step(int[][] edits, String a, String b, int i, int j) {
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        int least = Math.min(Math.min(edits[i - 1][j], edits[i][j - 1]) + 1, edits[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(least, edits[i - 2][j - 2] + 1) : least;
    }
}
