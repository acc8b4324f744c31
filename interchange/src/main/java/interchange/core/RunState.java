package interchange.core;

/** Where a run stands; durable, by {@link #code}. */
public enum RunState {
    RUNNING(0),
    SUCCEEDED(1),
    FAILED(2),
    DELETED(3),
    /** Set aside: its recovery threw. */
    HELD(4);

    private final int code;

    RunState(int code) {
        this.code = code;
    }

    /** As in the journal; never changed once released. */
    public int code() {
        return code;
    }

    public boolean ended() {
        return this == SUCCEEDED || this == FAILED || this == DELETED;
    }

    public static RunState of(int code) {
        for (RunState state : values()) {
            if (state.code == code) {
                return state;
            }
        }
        throw new IllegalArgumentException("no run state has the code " + code);
    }
}
