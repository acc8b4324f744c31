package interchange.journal;

/** The file is not a journal that this program can use, and trying again will not help; the message says what will. */
public final class JournalRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalRefusedException(String message) {
        super(message);
    }
}
