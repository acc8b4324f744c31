package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkshopTest {
    @TempDir
    Path directory;

    @Test
    void allFilesOfTheTemplateAreBrought() throws Exception {
        Path sources = Path.of("src/main/resources/interchange/worker/template_importlib_bootstrap")
                // Starting processes leaves a JVM in another directory.
                .toAbsolutePath();
        try (Stream<Path> files = Files.list(sources)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .filteredOn(name -> name.endsWith(".py"))
                    .containsExactlyInAnyOrderElementsOf(
                            Workshop.MODULES.stream().map(name -> name + ".py").toList());
        }
        Workshop workshop = Workshop.open(List.of(directory), "node", directory.resolve("lists"));
        assertThat(workshop.program()).exists();
        workshop.close();
        assertThat(directory).isDirectoryNotContaining("glob:**interchange-warm-*");
    }

    @Test
    void whatAWorkerThatWasKilledHasLeftGoesAndNothingElse() throws Exception {
        Path dead = Files.createDirectory(directory.resolve("interchange-warm-node-99999999-1"));
        Files.createFile(dead.resolve("1.line"));
        Path living = Files.createDirectory(directory.resolve(
                "interchange-warm-node-" + ProcessHandle.current().pid() + "-1"));
        Path elsewhere = Files.createDirectory(directory.resolve("interchange-warm-other-99999999-1"));

        Workshop.open(List.of(directory), "node", directory.resolve("lists")).close();

        assertThat(dead).doesNotExist();
        assertThat(living).exists();
        assertThat(elsewhere).exists();
    }

    @Test
    void aDirectoryWithTooLongANameForASocketIsPassedOver() throws Exception {
        Path deep = Files.createDirectories(directory.resolve("x".repeat(100)));
        Path shallow = Files.createTempDirectory(Path.of("/tmp"), "w");

        Workshop workshop = Workshop.open(List.of(deep, shallow), "node", directory.resolve("lists"));

        assertThat(workshop.program()).startsWith(shallow);
        assertThat(deep).isEmptyDirectory();
        workshop.close();
        Files.delete(shallow);
    }
}
