package interchange.daemon;

import interchange.core.Now;
import java.util.function.Supplier;

/** A clock that stands until it is moved. */
final class ManualClock implements Supplier<Now> {
    private long steadyMillis = 1_000_000;

    void advance(long millis) {
        steadyMillis += millis;
    }

    @Override
    public Now get() {
        return new Now(steadyMillis, 1_700_000_000_000L + steadyMillis);
    }
}
