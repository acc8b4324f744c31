package interchange.daemon;

import interchange.core.RunState;
import interchange.core.Snapshots.RunSnapshot;
import interchange.journal.JournalReader;
import interchange.journal.JournalReader.RunRow;
import interchange.proto.control.Error;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds runs by what people call them, and joins what is live with what is stored. Query thread. */
final class RunLookup {
    /** A run may begin or end between two looks; then one looks again. */
    private static final int LOOKS_MAX = 5;

    private final Live live;
    private final JournalReader reader;

    RunLookup(Live live, JournalReader reader) {
        this.live = live;
        this.reader = reader;
    }

    int find(String name) throws RequestException {
        return reader.findRun(name).orElseThrow(() -> RequestException.noRun(name));
    }

    RunView view(String name) throws RequestException {
        int run = find(name);
        for (int look = 0; look < LOOKS_MAX; look++) {
            Optional<RunSnapshot> snapshot = live.ask((scheduler, now) -> scheduler.run(run));
            RunRow row = reader.run(run).orElseThrow(() -> RequestException.noRun(name));
            if (fits(snapshot, row)) {
                return RunView.of(row, snapshot, reader);
            }
        }
        throw new RequestException(Error.Kind.UNAVAILABLE, "run " + run + " begins and ends too fast; ask again");
    }

    List<RunView> views(long endedAfterEpochMillis) throws RequestException {
        Map<Integer, RunSnapshot> active = live.ask((scheduler, now) -> {
            Map<Integer, RunSnapshot> snapshots = new HashMap<>();
            scheduler.activeRuns().forEach(run -> scheduler.run(run).ifPresent(some -> snapshots.put(run, some)));
            return snapshots;
        });
        return reader.runs(endedAfterEpochMillis).stream()
                .filter(row -> fits(Optional.ofNullable(active.get(row.header().run())), row))
                .map(row -> RunView.of(
                        row, Optional.ofNullable(active.get(row.header().run())), reader))
                .toList();
    }

    /** Whether both speak of the same moment: a run that goes on has a snapshot. */
    private static boolean fits(Optional<RunSnapshot> snapshot, RunRow row) {
        return snapshot.isPresent() || row.state() != RunState.RUNNING;
    }
}
