package interchange.journal;

/** The disk can't take a write now; it may later. */
public final class JournalBlockedException extends Exception {
    private static final long serialVersionUID = 1L;

    public JournalBlockedException(String message, Throwable cause) {
        super(message, cause);
    }
}
