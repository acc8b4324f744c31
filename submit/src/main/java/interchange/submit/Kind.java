package interchange.submit;

import interchange.proto.control.Error;

/** What kind of trouble ended a command; decides its exit code, and is what scripts find under {@code error.kind}. */
public enum Kind {
    USER(2, "wrong usage, workflow or site"),
    NOT_FOUND(4, "no such run or job"),
    CONFLICT(1, "the run is not in a state where this makes sense"),
    NO_DAEMON(3, "no daemon, or none that answers"),
    REFUSED(3, "a daemon answers, but its keys or its protocol are not ours"),
    UNAVAILABLE(5, "the daemon can't now"),
    VERSION(5, "daemon and command line do not fit together"),
    INTERNAL(5, "a fault of ours, or of this machine");

    private final int exitCode;
    private final String meaning;

    Kind(int exitCode, String meaning) {
        this.exitCode = exitCode;
        this.meaning = meaning;
    }

    public int exitCode() {
        return exitCode;
    }

    /** For the manual. */
    String meaning() {
        return meaning;
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
