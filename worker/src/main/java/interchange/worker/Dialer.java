package interchange.worker;

import interchange.wire.UnreachableException;
import java.time.Duration;

/** Opens connections to wherever the daemon is now. */
interface Dialer {
    Channel dial(Duration timeout) throws UnreachableException;
}
