package interchange.wire;

/** No address of the daemon answered; the message lists each with its cause. */
public final class UnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean refused;

    public UnreachableException(String message) {
        this(message, false);
    }

    UnreachableException(String message, boolean refused) {
        super(message);
        this.refused = refused;
    }

    /** Whether something answered, and keys or greetings did not fit: trying again is of no use. */
    public boolean refused() {
        return refused;
    }
}
