package interchange.daemon;

import interchange.core.Event;
import interchange.core.Recovered;
import interchange.journal.Journal;
import interchange.proto.control.Error;
import java.util.List;
import java.util.OptionalInt;

/** Brings runs that have ended back to the scheduler. Loader thread. */
final class Revival {
    private final Live live;
    private final Journal journal;

    Revival(Live live, Journal journal) {
        this.live = live;
        this.journal = journal;
    }

    /** Returns when it is durable. A large run is read for seconds, so not by the conductor, which asks whether it is the same still. */
    void goOn(int run, String request) throws RequestException {
        Recovered.RunRecord record = journal.recoverRun(run);
        boolean same = live.<Boolean>chore(
                () -> journal.endedGeneration(run).equals(OptionalInt.of(record.generation())),
                isSame -> isSame ? List.of(new Event.RunRestarted(record, request)) : List.of());
        if (!same) {
            throw new RequestException(
                    Error.Kind.CONFLICT,
                    "run " + run + " was restarted or purged just now; `interchange list` shows what became of it");
        }
    }
}
