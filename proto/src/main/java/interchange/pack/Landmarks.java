package interchange.pack;

import java.io.IOException;
import java.util.Optional;

/**
 * Where in a pack ends are looked for: the last landmark, and the indices that are growing, of three sizes. What is in here
 * is in the file as well, so that a writer that opens it again goes on as if it had never been closed.
 */
final class Landmarks {
    /** How many entries an index holds, by level: of 100,000 attempts one is found in some 150 short reads at most. */
    private static final int[] ENTRIES = {1 << 6, 1 << 12, Index.ENTRIES_MAX};

    private final Level[] levels = new Level[ENTRIES.length];
    private long last = Header.NONE;

    /** An index that grows. */
    private static final class Level {
        final Index entries = new Index();
        /** Where to go on looking when it is not in there. */
        long before = Header.NONE;
    }

    /** An index that is to be written. */
    record Full(int level, Index entries, long before) {}

    /** Of a pack that begins. */
    Landmarks() {
        for (int i = 0; i < levels.length; i++) {
            levels[i] = new Level();
        }
    }

    /**
     * Of a pack that is there: what the largest index would have by now is read, which is a few MiB at most.
     *
     * @param lastRecord of it
     */
    static Landmarks read(Records records, Header lastRecord) throws IOException {
        var found = new Landmarks();
        found.last = lastRecord.nearestLandmark();
        long at = found.last;
        for (int level = 0; level < ENTRIES.length; level++) {
            while (at != Header.NONE) {
                Header here = records.at(at);
                if (here.entries() >= ENTRIES[level]) {
                    break;
                }
                found.add(here, records, level);
                at = here.landmark();
            }
            found.levels[level].before = at;
        }
        return found;
    }

    private void add(Header landmark, Records records, int fromLevel) throws IOException {
        for (int i = fromLevel; i < levels.length; i++) {
            Index entries = levels[i].entries;
            if (landmark.kind() == Header.Kind.INDEX) {
                entries.addAll(records.content(landmark));
            } else {
                entries.add(landmark.job(), landmark.number(), landmark.position());
            }
            if (entries.size() > ENTRIES[i]) {
                throw records.damaged(landmark.position(), "there are more ends before it than an index has");
            }
        }
    }

    /** The nearest to the end of the file. */
    long last() {
        return last;
    }

    void ended(int job, int number, long at) {
        for (Level level : levels) {
            if (level.entries.size() == 0) {
                level.before = last;
            }
            level.entries.add(job, number, at);
        }
        last = at;
    }

    /** The largest that is full; it takes the place of the smaller ones, which are full as well. */
    Optional<Full> full() {
        for (int i = levels.length - 1; i >= 0; i--) {
            if (levels[i].entries.size() == ENTRIES[i]) {
                return Optional.of(new Full(i, levels[i].entries, levels[i].before));
            }
        }
        return Optional.empty();
    }

    void written(Full full, long at) {
        last = at;
        for (int i = 0; i <= full.level(); i++) {
            levels[i].entries.clear();
        }
    }
}
