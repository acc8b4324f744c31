package interchange.daemon;

import interchange.journal.Journal;
import interchange.shared.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directories of blocks that the journal does not have (any more): purged, or of another journal. Tidier's thread. */
record StrayBlocks(Home home, Journal journal) {
    /** What still lives of a block that nobody knows is known by its directory, and ends within this time. */
    static final Duration KEPT = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(StrayBlocks.class);

    /** Removes those that nobody has touched for long; what can't be removed stays until the next time. */
    void remove(Instant now) {
        try {
            // Listed first: a block's row is there before its directory is.
            List<Path> directories = list(home.blocks());
            Set<Path> known = journal.blockTokens().entrySet().stream()
                    .map(block -> home.block(block.getKey(), block.getValue()))
                    .collect(Collectors.toUnmodifiableSet());
            for (Path directory : directories) {
                if (!known.contains(directory) && isOld(directory, now)) {
                    delete(directory);
                }
            }
        } catch (IOException e) {
            LOG.warn("Directories of blocks that are over stay for now: {}", Reasons.of(e));
        }
    }

    private static boolean isOld(Path directory, Instant now) throws IOException {
        Instant touched =
                Files.getLastModifiedTime(directory, LinkOption.NOFOLLOW_LINKS).toInstant();
        return touched.isBefore(now.minus(KEPT));
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> below;
        try (Stream<Path> tree = Files.walk(directory)) {
            below = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : below) {
            Files.deleteIfExists(path);
        }
    }
}
