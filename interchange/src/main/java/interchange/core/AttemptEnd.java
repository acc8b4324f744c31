package interchange.core;

/** How an attempt ended, which decides what becomes of its job. */
public enum AttemptEnd {
    /** Exit code 0. */
    SUCCEEDED(0),
    /** Another exit code, a signal, it could not be started, or its outputs not be brought back: spends a retry. */
    FAILED(1),
    /** Its walltime was over: spends a retry. */
    WALLTIME(2),
    /** It ran out of memory: spends a retry. */
    OUT_OF_MEMORY(3),
    /** Killed because its run was cancelled. */
    CANCELLED(4),
    /** Taken back before it started; as if it had never been given. */
    RETRACTED(5),
    /** Its worker died without explanation. Spends no retry, but is counted: a job may be what kills workers. */
    WORKER_DIED(6),
    /** Its block's walltime was over, of which it had at least half. Spends no retry, but is counted: it may need more. */
    BLOCK_ENDED(7),
    /** Its worker was told to leave, its lease or its block ended, or its node failed. Spends no retry. */
    WORKER_LEFT(8);

    private static final AttemptEnd[] BY_CODE = values();

    private final int code;

    AttemptEnd(int code) {
        this.code = code;
    }

    /** As in the journal; never changed once released. */
    public int code() {
        return code;
    }

    /** Whether the job had its chance and failed. */
    public boolean spendsRetry() {
        return this == FAILED || this == WALLTIME || this == OUT_OF_MEMORY;
    }

    public static AttemptEnd of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no attempt end has the code " + code);
        }
        return BY_CODE[code];
    }
}
