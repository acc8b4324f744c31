package interchange.core;

/** What a job is beside a command that is run: bits, as in the journal, and never changed once released. */
public final class JobTraits {
    public static final int NONE = 0;

    /** Has no command: it succeeds when what it needs has succeeded. Not in reports. */
    public static final int NOOP = 1;

    /** A no-op that passes when what it needs has ended in any way; pruned only if nothing of that was started. */
    public static final int JOIN = 2;

    /** Its command writes a workflow, which becomes part of the run when it has succeeded. */
    public static final int BRINGS = 4;

    /** Runs after all that are not final, whatever their end. */
    public static final int FINAL = 8;

    /** The label of all no-ops; none that a user can give. */
    public static final String NOOP_LABEL = ":no-ops";

    private JobTraits() {}

    public static boolean has(int traits, int trait) {
        return (traits & trait) != 0;
    }
}
