package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** In whatever language it runs: nothing here says in words what the C library does. */
class DiskTroubleTest {
    @Test
    void aFullDiskPasses() {
        IOException full =
                catchThrowableOfType(IOException.class, () -> Files.write(Path.of("/dev/full"), new byte[1]));
        assertThat(DiskTrouble.isPassing(full)).as("%s", full).isTrue();
        assertThat(DiskTrouble.isPassing(new FileSystemException("made", null, full.getMessage())))
                .isTrue();
    }

    @Test
    void whatSomebodyMustChangeDoesNot() {
        IOException notADirectory =
                catchThrowableOfType(IOException.class, () -> Files.write(Path.of("/dev/null/made"), new byte[1]));
        assertThat(DiskTrouble.isPassing(notADirectory)).as("%s", notADirectory).isFalse();
        assertThat(DiskTrouble.isPassing(new NoSuchFileException("made"))).isFalse();
        assertThat(DiskTrouble.isPassing(new AccessDeniedException("made"))).isFalse();
        assertThat(DiskTrouble.isPassing(new IOException("the file is shorter than it was")))
                .isFalse();
    }
}
