package interchange.journal;

import java.io.IOException;

/** The environment of a run is gone or damaged: reading it again won't bring it back. */
public final class LostEnvironmentException extends IOException {
    private static final long serialVersionUID = 1L;

    LostEnvironmentException(String message, IOException cause) {
        super(message, cause);
    }
}
