package interchange.core;

/** What people are told about a job; derived, in the words of BPS. */
public enum JobState {
    /** Parents are pending. */
    UNREADY,
    /** Waits for a place. */
    READY,
    /** Given to a worker, not started. */
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    DELETED,
    PRUNED
}
