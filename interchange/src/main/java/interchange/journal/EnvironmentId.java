package interchange.journal;

/** Packs run, revision and number of an environment into the one number that workers know it by. */
final class EnvironmentId {
    private static final int NUMBER_BITS = 20;
    private static final int REVISION_BITS = 12;

    private EnvironmentId() {}

    static long of(int run, int revision, int number) {
        if (number >= 1 << NUMBER_BITS || revision >= 1 << REVISION_BITS) {
            throw new IllegalArgumentException(
                    "run " + run + " has no room for environment " + number + " of revision " + revision);
        }
        return ((long) run << REVISION_BITS | revision) << NUMBER_BITS | number;
    }
}
