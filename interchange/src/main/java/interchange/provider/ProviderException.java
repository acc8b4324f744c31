package interchange.provider;

/** A batch system that refused, failed, or could not be understood; with its own words. */
public final class ProviderException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean certain;

    /** @param certain false when what was asked for may have been done all the same, or was never really asked */
    public ProviderException(String message, boolean certain) {
        super(message);
        this.certain = certain;
    }

    public boolean certain() {
        return certain;
    }

    /** The failure of a command, in its own words. */
    static ProviderException of(String command, Answer answer) {
        return switch (answer.fate()) {
            case ENDED ->
                new ProviderException(command + " ended with exit code " + answer.exit() + ": " + answer.words(), true);
            case NOT_STARTED -> new ProviderException(command + " could not be run: " + answer.words(), true);
            case NOT_TAKEN -> new ProviderException(command + " was not run: " + answer.words(), false);
            case TIMED_OUT, TOO_LONG -> new ProviderException(command + " was ended: " + answer.words(), false);
        };
    }
}
