package interchange.pack;

/** Which of its two files a job printed into. */
public enum Printed {
    STDOUT,
    STDERR;

    private static final Printed[] BY_CODE = values();

    /** As in the format; never changed once released. */
    int code() {
        return ordinal();
    }

    static Printed of(int code) {
        return BY_CODE[code];
    }
}
