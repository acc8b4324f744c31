package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.worker.process.Environment;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipesTest {
    @TempDir
    Path directory;

    private Recipes recipes;

    @BeforeEach
    void open() {
        recipes = new Recipes(directory, "tiger");
    }

    private static Recipes.Known known(String script) {
        var environment = new Environment(Map.of("PATH", "/bin", "WHO", "you"));
        var kind = new Kind("a=b", script, environment.fingerprint(), Map.of("X", "1"), "/dir", true);
        return new Recipes.Known(kind, environment);
    }

    private List<File> files() {
        return List.of(Objects.requireNonNull(directory.toFile().listFiles()));
    }

    private void keep(String script, Duration ago) throws IOException {
        List<File> before = files();
        recipes.keep(known(script));
        for (File file : files()) {
            if (!before.contains(file)) {
                Files.setLastModifiedTime(
                        file.toPath(), FileTime.from(Instant.now().minus(ago)));
            }
        }
    }

    private List<String> recent() {
        return recipes.recent().stream().map(known -> known.kind().script()).toList();
    }

    @Test
    void whatIsKeptComesBackAsItWas() throws Exception {
        recipes.keep(known("pipetask"));
        assertThat(recipes.recent()).singleElement().satisfies(back -> {
            assertThat(back.kind()).isEqualTo(known("pipetask").kind());
            assertThat(back.environment().variables())
                    .isEqualTo(known("").environment().variables());
        });
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(files().getFirst().toPath())))
                .isEqualTo("rw-------");
    }

    @Test
    void theTwoThatWereUsedLastAreMadeAheadAndOldOnesGo() throws Exception {
        keep("a", Duration.ofDays(8));
        keep("b", Duration.ofHours(3));
        keep("c", Duration.ofHours(1));
        keep("d", Duration.ofHours(2));
        assertThat(recent()).containsExactly("c", "d");
        assertThat(files()).hasSize(3);
    }

    @Test
    void thoseOfAnotherSiteAreNotOurs() {
        new Recipes(directory, "lion").keep(known("pipetask"));
        assertThat(recent()).isEmpty();
        assertThat(files()).hasSize(1);
    }

    @Test
    void whatCanNotBeReadGoesAndTheOthersStay() throws Exception {
        keep("good", Duration.ofHours(1));
        Path good = files().getFirst().toPath();
        String site = good.getFileName().toString().split("-", 2)[0];
        for (String damage : List.of("", "rubbish", "half")) {
            Path bad = directory.resolve(site + "-bad" + damage + ".recipe");
            byte[] whole = Files.readAllBytes(good);
            byte[] content = switch (damage) {
                case "" -> new byte[0];
                case "half" -> java.util.Arrays.copyOf(whole, whole.length / 2);
                default -> damage.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            };
            Files.write(bad, content);
            recipes.recent();
            assertThat(bad).as(damage).doesNotExist();
        }
        Path huge = directory.resolve(site + "-huge.recipe");
        try (var file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(5L << 20);
        }
        assertThat(recent()).containsExactly("good");
        assertThat(huge).doesNotExist();
    }

    @Test
    void aPlaceThatIsGoneIsNoTrouble() {
        var nowhere = new Recipes(directory.resolve("nowhere"), "tiger");
        nowhere.keep(known("pipetask"));
        assertThat(nowhere.recent()).isEmpty();
    }
}
