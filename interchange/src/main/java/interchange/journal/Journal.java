package interchange.journal;

import interchange.core.Recovered;
import interchange.core.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BiFunction;

/** The one writer of the durable state. Owned by the conductor's thread. */
public interface Journal extends AutoCloseable {

    /**
     * Writes all or nothing; on disk when it returns.
     *
     * @throws JournalBlockedException when the disk can't take it now (full, quota, I/O error): nothing of it is written,
     *     and the same call may be made again
     */
    void commit(List<Write> writes) throws JournalBlockedException;

    /**
     * Counts a start of the daemon, removes unfinished stages and reads everything that goes on.
     *
     * @param sites makes a site from its index and its stored settings
     * @throws JournalBlockedException when the start can't be written
     */
    Recovery recover(BiFunction<Integer, String, Site> sites) throws JournalBlockedException;

    /**
     * Reads one run that has ended, to restart it; its state is as stored. May be called from any thread: it may take
     * seconds, and what has ended does not change.
     */
    Recovered.RunRecord recoverRun(int run);

    /** The tokens of all blocks that it has, by id. May be called from any thread. */
    Map<Integer, String> blockTokens();

    /** The generation in which a run has ended; empty: it goes on, or is gone. */
    OptionalInt endedGeneration(int run);

    /**
     * Removes runs that ended longer ago than this; returns their ids, a bounded number of them: call again until there
     * are none. They are gone at once; their rows go little by little, by {@link #sweep}.
     */
    List<Integer> purge(Duration older, long nowEpochMillis) throws JournalBlockedException;

    /**
     * Removes some rows of runs that are gone (purged, refused, or never finished being staged), in a turn of some
     * milliseconds.
     *
     * @return whether there is more to do
     */
    default boolean sweep() throws JournalBlockedException {
        return false;
    }

    /** Opens a connection of its own for reading committed rows; belongs to the calling thread. */
    JournalReader reader();

    /** Writes a consistent copy for people to query; without secrets. May be called from any thread. */
    void export(Path file);

    @Override
    void close();

    /**
     * What a recovery found.
     *
     * @param heldRuns runs whose recovery threw, with the cause: they are set aside, the others go on
     */
    record Recovery(Recovered recovered, List<HeldRun> heldRuns) {
        public Recovery {
            heldRuns = List.copyOf(heldRuns);
        }
    }

    record HeldRun(int run, String cause) {}
}
