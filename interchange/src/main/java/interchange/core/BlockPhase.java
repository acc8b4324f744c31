package interchange.core;

/** Where a block stands in its batch system; durable, by {@link #code}. */
public enum BlockPhase {
    /** In the journal; whether the batch system has it is not known yet. */
    INTENDED(0),
    QUEUED(1),
    RUNNING(2),
    /** Stopped by the batch system: its workers can't be heard, and may wake. */
    SUSPENDED(3),
    /** Over in the ordinary way: walltime, preemption, cancelled, all workers left. */
    ENDED(4),
    /** Over because the batch system or the script failed. */
    FAILED(5),
    /** Over because a node failed: what ran there may still run. */
    NODE_FAILED(6),
    /** No longer known to the batch system, which answers: neither success nor failure. */
    GONE(7),
    /** Over because the batch system found that it used more memory than it had. */
    OUT_OF_MEMORY(8);

    private static final BlockPhase[] BY_CODE = values();

    private final int code;

    BlockPhase(int code) {
        this.code = code;
    }

    /** As in the journal; never changed once released. */
    public int code() {
        return code;
    }

    public boolean over() {
        return endsForSure() || this == NODE_FAILED || this == GONE;
    }

    /** Whether it is over by a word that is enough for all that ran in it to count as dead. */
    boolean endsForSure() {
        return this == ENDED || failed();
    }

    /** Whether it is over by something that went wrong, of which its log may say more. */
    public boolean failed() {
        return this == FAILED || this == OUT_OF_MEMORY;
    }

    public static BlockPhase of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no block phase has the code " + code);
        }
        return BY_CODE[code];
    }
}
