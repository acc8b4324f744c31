package interchange.provider;

/**
 * What a batch system's command said. Bytes that are not UTF-8 are replaced.
 *
 * @param exit meaningful when fate is ENDED; above 128 where a signal ended it
 * @param stderr its own words, or why there are none
 */
public record Answer(int exit, String stdout, String stderr, Fate fate) {

    /** How far the command came, which says whether it may have had an effect. */
    public enum Fate {
        ENDED,
        /** It was killed; what it was to do may be done. */
        TIMED_OUT,
        /** It printed more than is taken, and was killed; what it was to do may be done. */
        TOO_LONG,
        /** It could not be run. */
        NOT_STARTED,
        /** It never had its turn, which says nothing of what it asks for. */
        NOT_TAKEN
    }

    public boolean ok() {
        return fate == Fate.ENDED && exit == 0;
    }

    /** Its words for messages, in one line. */
    String words() {
        String words = (stderr.isBlank() ? stdout : stderr).strip().replaceAll("\\s*\\n\\s*", " | ");
        return words.isEmpty() ? "it said nothing" : words;
    }
}
