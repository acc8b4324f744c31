package interchange.worker.files;

import interchange.wire.UnreachableException;
import java.time.Duration;

/** Opens lines to wherever the daemon is now. */
public interface LineOpener {
    Line openLine(Duration timeout) throws UnreachableException;
}
