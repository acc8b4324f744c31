package interchange.submit;

import interchange.proto.control.Error;

/** What kind of trouble ended a command; decides its exit code, and is what scripts find under {@code error.kind}. */
public enum Kind {
    /** Usage, or a workflow or site that is wrong. */
    USER(2),
    /** No such run or job. */
    NOT_FOUND(4),
    /** The run is not in a state where this makes sense. */
    CONFLICT(1),
    /** No daemon, or none that answers. */
    NO_DAEMON(3),
    /** A daemon answers, but its keys or its protocol are not ours. */
    REFUSED(3),
    /** The daemon can't now. */
    UNAVAILABLE(5),
    /** Daemon and command line do not fit together. */
    VERSION(5),
    /** A fault of ours, or of this machine. */
    INTERNAL(5);

    private final int exitCode;

    Kind(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /** The daemon's kind, in the words used here. */
    public static Kind of(Error.Kind kind) {
        return switch (kind) {
            case USER -> USER;
            case NOT_FOUND -> NOT_FOUND;
            case CONFLICT -> CONFLICT;
            case UNAVAILABLE -> UNAVAILABLE;
            case VERSION -> VERSION;
            case KIND_UNSPECIFIED, INTERNAL, UNRECOGNIZED -> INTERNAL;
        };
    }
}
