package interchange.core;

/** How far a job is, durably: open, or one of the ends. What lies between is derived from parents and attempts. */
public enum JobEnd {
    OPEN(0),
    SUCCEEDED(1),
    FAILED(2),
    /** An ancestor failed. */
    PRUNED(3),
    /** Its run was cancelled. */
    DELETED(4),
    /** No end yet: its command has succeeded, and the workflow that it wrote is being taken in. */
    BRINGING(5);

    private static final JobEnd[] BY_CODE = values();

    private final int code;

    JobEnd(int code) {
        this.code = code;
    }

    /** As in the journal; never changed once released. */
    public int code() {
        return code;
    }

    public static JobEnd of(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new IllegalArgumentException("no job state has the code " + code);
        }
        return BY_CODE[code];
    }
}
