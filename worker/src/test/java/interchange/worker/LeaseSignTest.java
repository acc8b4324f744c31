package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaseSignTest {
    @TempDir
    Path directory;

    @Test
    void aSignThatCouldNotBeWrittenIsWrittenAtTheNextTurn() throws Exception {
        Path name = directory.resolve("task/comm");
        var sign = new LeaseSign(name);
        sign.show(TimeUnit.SECONDS.toNanos(10));
        Files.createDirectory(name.getParent());
        sign.show(TimeUnit.SECONDS.toNanos(10));
        assertThat(name).hasContent("until 11");

        sign.show(TimeUnit.SECONDS.toNanos(12));
        assertThat(name).hasContent("until 13");
    }
}
