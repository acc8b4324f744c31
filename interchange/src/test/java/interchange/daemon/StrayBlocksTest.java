package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrayBlocksTest {
    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");
    private static final Instant LONG_AGO = NOW.minus(StrayBlocks.KEPT).minusSeconds(1);

    @TempDir
    Path directory;

    @Test
    void onlyOldDirectoriesOfBlocksThatTheJournalDoesNotHaveAreRemoved() throws IOException {
        Home home = new Home(directory);
        MemoryJournal journal = new MemoryJournal();
        journal.blockTokens = Map.of(1, "mine");
        Path known = block(home, 1, "mine", LONG_AGO);
        Path ofAnotherJournal = block(home, 1, "other", LONG_AGO);
        Path mayLive = block(home, 2, "other", NOW.minusSeconds(60));
        Path purged = block(home, 3, "over", LONG_AGO);

        new StrayBlocks(home, journal).remove(NOW);

        assertThat(known.resolve("logs/worker.0.log")).exists();
        assertThat(mayLive).exists();
        assertThat(ofAnotherJournal).doesNotExist();
        assertThat(purged).doesNotExist();
    }

    private static Path block(Home home, int block, String token, Instant touched) throws IOException {
        Path made = home.block(block, token);
        Files.createDirectories(made.resolve("logs"));
        Files.createFile(made.resolve("logs/worker.0.log"));
        Files.setLastModifiedTime(made, FileTime.from(touched));
        return made;
    }
}
