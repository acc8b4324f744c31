package interchange.site;

/**
 * What sections mean depends on: where the daemon runs, and where the submission comes from.
 *
 * @param machine where a `local` site would run
 * @param architecture of both machines, as `uname -m` says it
 * @param allocation the Slurm job that the submitting shell is in; empty: none
 */
public record Circumstances(NodeCapacity machine, String architecture, String allocation) {

    /** On this machine, which gives to jobs what is said here. */
    public static Circumstances here(NodeCapacity machine, String allocation) {
        String own = ownArchitecture();
        return new Circumstances(machine, own.equals("amd64") ? "x86_64" : own, allocation);
    }

    /** Of this process, as the JVM calls it. */
    public static String ownArchitecture() {
        return System.getProperty("os.arch", "");
    }
}
