package interchange.pack;

/** What a pack is called: by run, since several may share a directory, and by who writes it, since nobody else may. */
public final class PackName {
    /** Of the directory of packs, beside the directories of logs that are files. */
    public static final String DIRECTORY = "packs";

    /** Of an incarnation, which is random: enough to be one's own. */
    private static final int CHARACTERS = 16;

    private static final int HOST_CHARACTERS_MAX = 64;

    private PackName() {}

    /** @param incarnation of the worker process */
    public static String of(int run, String host, String incarnation) {
        String own = incarnation.replaceAll("[^A-Za-z0-9]", "");
        String plain = host.replaceAll("[^A-Za-z0-9_.-]", "_");
        return prefix(run) + plain.substring(0, Math.min(plain.length(), HOST_CHARACTERS_MAX)) + "-"
                + own.substring(0, Math.min(own.length(), CHARACTERS))
                + ".pack";
    }

    /** Of all packs of a run. */
    public static String prefix(int run) {
        return "run" + run + "-";
    }
}
