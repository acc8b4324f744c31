package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.journal.EnvironmentFiles.Overlay;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvironmentFilesTest {
    private static final Map<String, String> BASE = Map.of("PATH", "/bin", "TOKEN", "sec\nret é=🔭", "EMPTY", "");

    @TempDir
    Path home;

    @Test
    void environmentNIsTheBaseWithOverlayNApplied() throws Exception {
        EnvironmentFiles files = Samples.environments(home);
        Overlay overlay = new Overlay(Map.of("PATH", "/usr/bin", "NEW", "1"), Set.of("TOKEN", "NOBODY"));
        files.write(7, BASE, List.of(Overlay.NONE, overlay));

        for (EnvironmentFiles some : List.of(files, Samples.environments(home))) {
            assertThat(some.environment(7, 0)).isEqualTo(BASE);
            assertThat(some.environment(7, 1)).isEqualTo(Map.of("PATH", "/usr/bin", "NEW", "1", "EMPTY", ""));
        }
    }

    @Test
    void filesAreForTheirOwnerAlone() throws Exception {
        Samples.environments(home).write(7, BASE, List.of());

        Path directory = home.resolve("environments");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("7"))))
                .isEqualTo("rw-------");
    }

    @Test
    void anotherBaseKeepsOverlaysAndChangesIds() throws Exception {
        EnvironmentFiles files = Samples.environments(home);
        files.write(7, BASE, List.of(new Overlay(Map.of("A", "1"), Set.of())));
        long before = files.id(7, 0);

        files.replaceBase(7, Map.of("B", "2"));

        assertThat(files.environment(7, 0)).isEqualTo(Map.of("A", "1", "B", "2"));
        assertThat(files.id(7, 0)).isNotEqualTo(before);
        assertThat(Samples.environments(home).id(7, 0)).isEqualTo(files.id(7, 0));
    }

    @Test
    void idsOfRunsAndNumbersDiffer() throws Exception {
        EnvironmentFiles files = Samples.environments(home);
        files.write(1, BASE, List.of(Overlay.NONE, Overlay.NONE));
        files.write(2, BASE, List.of(Overlay.NONE));

        assertThat(Set.of(files.id(1, 0), files.id(1, 1), files.id(2, 0))).hasSize(3);
    }

    @Test
    void filesOfRunsThatAreGoneAndHalfWrittenOnesAreRemoved() throws Exception {
        EnvironmentFiles files = Samples.environments(home);
        files.write(1, BASE, List.of());
        files.write(2, BASE, List.of());
        files.write(3, BASE, List.of());
        Files.writeString(home.resolve("environments/4.new"), "half");

        EnvironmentFiles again = Samples.environments(home);
        again.keepOnly(Set.of(2, 3));
        again.delete(3);
        again.delete(3);

        assertThat(home.resolve("environments")).isDirectoryContaining("glob:**/2");
        try (var all = Files.list(home.resolve("environments"))) {
            assertThat(all).hasSize(1);
        }
        assertThatThrownBy(() -> again.environment(1, 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("run 1");
    }

    @Test
    void aFileCutShortIsNotTakenForWhole() throws Exception {
        EnvironmentFiles files = Samples.environments(home);
        files.write(1, BASE, List.of());
        Path file = home.resolve("environments/1");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 3));

        assertThatThrownBy(() -> Samples.environments(home).environment(1, 0)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void secretsAreNotInTheWordsOfItsObjects() {
        Overlay overlay = new Overlay(Map.of("TOKEN", "secret"), Set.of());

        assertThat(overlay.toString()).contains("TOKEN").doesNotContain("secret");
        assertThat(new StoredEnvironments(0, Map.of("TOKEN", "secret"), List.of(overlay)).toString())
                .doesNotContain("secret");
    }
}
