package interchange.journal;

import org.jspecify.annotations.Nullable;

/** The copy could not be made where it was asked for; the message is for who asked. */
public final class JournalExportException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public JournalExportException(String message) {
        this(message, null);
    }

    public JournalExportException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
