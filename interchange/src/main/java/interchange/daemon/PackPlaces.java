package interchange.daemon;

import interchange.journal.JournalReader;
import interchange.pack.PackName;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where runs were submitted and their packs are, and whose output goes there. Belongs to the reader's thread. */
final class PackPlaces {
    private static final int REMEMBERED_MAX = 256;

    private final JournalReader reader;
    private final LinkedHashMap<Integer, Path> submitDirectories = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Path> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    PackPlaces(JournalReader reader) {
        this.reader = reader;
    }

    /** Empty: one of these is not where logs are, so somebody wants it there as a file. */
    Optional<Path> directory(int run, String stdout, String stderr) {
        Path all = submitDirectory(run).resolve(SubmitDirectory.LOGS);
        return isBelow(all, stdout) && isBelow(all, stderr)
                ? Optional.of(all.resolve(PackName.DIRECTORY))
                : Optional.empty();
    }

    Path submitDirectory(int run) {
        return submitDirectories.computeIfAbsent(
                run, _ -> Path.of(reader.header(run).submitDirectory()));
    }

    private static boolean isBelow(Path logs, String file) {
        return Path.of(file).normalize().startsWith(logs.normalize());
    }
}
