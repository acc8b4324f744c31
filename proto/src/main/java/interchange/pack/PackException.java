package interchange.pack;

import java.io.IOException;
import java.nio.file.Path;

/** A pack is not what it should be. */
public final class PackException extends IOException {
    private static final long serialVersionUID = 1L;

    PackException(Path file, long position, String what) {
        super(file + " is damaged at byte " + position + ": " + what);
    }
}
