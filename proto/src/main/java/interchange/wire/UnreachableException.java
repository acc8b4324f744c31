package interchange.wire;

/** No address of the daemon answered; the message lists each with its cause. */
public final class UnreachableException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreachableException(String message) {
        super(message);
    }
}
