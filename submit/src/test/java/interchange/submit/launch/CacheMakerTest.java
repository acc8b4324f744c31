package interchange.submit.launch;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.launch.Role;
import interchange.launch.StartupCache;
import interchange.submit.Caller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheMakerTest {
    @TempDir
    Path home;

    @TempDir
    Path directory;

    @Test
    void aCacheIsMadeOnceAndNotAgainWhereItCantBe() throws IOException {
        assertThat(worthwhile()).isTrue();
        Files.createFile(directory.resolve("failed-key"));
        assertThat(worthwhile()).isFalse();
        Files.delete(directory.resolve("failed-key"));
        Files.createFile(cache().file(Role.CLI));
        assertThat(worthwhile()).isFalse();
    }

    @Test
    void oneThatWasKilledAtTheMakingKeepsOthersFromItForAWhileOnly() throws IOException {
        Path making = Files.createDirectory(directory.resolve("making-key"));
        assertThat(worthwhile()).isFalse();
        Files.setLastModifiedTime(making, FileTime.from(Instant.now().minus(Duration.ofMinutes(11))));
        assertThat(worthwhile()).isTrue();
    }

    @Test
    void theVariableTurnsTheMakingOff() {
        assertThat(CacheMaker.isWorthwhile(
                        cache(), caller().with("INTERCHANGE_AOT", "0").session()))
                .isFalse();
    }

    private boolean worthwhile() {
        return CacheMaker.isWorthwhile(cache(), caller().session());
    }

    private Caller caller() {
        return new Caller(home, directory);
    }

    private StartupCache cache() {
        return new StartupCache(directory, "key");
    }
}
