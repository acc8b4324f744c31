package interchange.daemon;

import interchange.launch.Installation;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A whole daemon in this process, on a thread of its own; what its blocks start does nothing but live. */
final class TestDaemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** In place of the real keeper: a node on which no worker starts by itself. */
    private static final String IDLE_KEEPER =
            "#!/bin/sh\ntrap 'exit 0' TERM\nwhile [ -d \"$1\" ]; do sleep 0.2; done\n";

    final Daemon daemon;
    private final CompletableFuture<Void> run = new CompletableFuture<>();

    TestDaemon(Path home, Path jars) throws Exception {
        this.daemon = new Wiring(
                        new Home(home),
                        Map.of(Installation.JARS_VARIABLE, jars.toString()),
                        code -> run.completeExceptionally(new AssertionError("left at once with " + code)))
                .open(false);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                daemon.run();
                run.complete(null);
            } catch (Throwable e) {
                run.completeExceptionally(e);
            }
        });
    }

    /** A directory with what stands for the worker's jar. */
    static Path fakeJars(Path directory) throws IOException {
        Path jars = Files.createDirectories(directory);
        try (OutputStream file = Files.newOutputStream(jars.resolve("interchange-worker-0.1.0.jar"));
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("interchange/worker/keeper.sh"));
            zip.write(IDLE_KEEPER.getBytes(StandardCharsets.UTF_8));
        }
        return jars;
    }

    /** As kill -9 would, but for the files, which are closed. */
    void breakOff() {
        daemon.breakOff();
        awaitEnd();
    }

    void awaitEnd() {
        run.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    static void await(String what, BooleanSupplier condition) {
        await(() -> what, condition);
    }

    /** @param what asked when it was in vain */
    static void await(Supplier<String> what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("waited for " + PATIENCE + " in vain: " + what.get());
            }
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    @Override
    public void close() {
        if (!run.isDone()) {
            breakOff();
        }
    }
}
