package interchange.worker.process;

/** A process could not be started; the message names what was missing or refused. */
public final class NotStartedException extends Exception {
    private static final long serialVersionUID = 1L;

    public NotStartedException(String message) {
        super(message);
    }
}
