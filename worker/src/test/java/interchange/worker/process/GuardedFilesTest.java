package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardedFilesTest {
    @TempDir
    Path directory;

    /** A pipe that nobody reads is like a file system that hangs. */
    @Test
    void jobsCanBeStartedWhileAnOpenElsewhereHangs() throws Exception {
        var bench = new Bench(directory);
        assertThat(bench.run(bench.command("/usr/bin/mkfifo", "pipe")).exitCode())
                .isZero();
        Path pipe = directory.resolve("pipe");
        var opened = new CompletableFuture<FileChannel>();
        Thread opener = Thread.ofPlatform().daemon().start(() -> {
            try {
                opened.complete(Bench.files().openElsewhere(pipe, StandardOpenOption.WRITE));
            } catch (IOException e) {
                opened.completeExceptionally(e);
            }
        });
        Bench.await(() -> isIn(opener, "open0"));

        var ran = new CompletableFuture<Integer>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                ran.complete(bench.run(bench.command("/bin/true")).exitCode());
            } catch (NotStartedException | InterruptedException e) {
                ran.completeExceptionally(e);
            }
        });
        try {
            assertThat(ran.get(10, TimeUnit.SECONDS)).isZero();
            assertThat(opened).isNotDone();
        } finally {
            try (FileChannel reader = FileChannel.open(pipe, StandardOpenOption.READ)) {
                opened.get(10, TimeUnit.SECONDS).close();
                assertThat(reader.isOpen()).isTrue();
            }
        }
    }

    private static boolean isIn(Thread thread, String method) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals(method)) {
                return true;
            }
        }
        return false;
    }
}
