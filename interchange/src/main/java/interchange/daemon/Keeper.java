package interchange.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The script that starts a worker on its node and outlives it.
 *
 * <p>It belongs to the worker's jar, which is not on the daemon's class path, so it is read from the file.
 *
 * @param text as in the jar
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record Keeper(byte[] text) {
    static final String FILE = "keeper.sh";
    private static final String ENTRY = "interchange/worker/" + FILE;
    private static final String JAR_PREFIX = "interchange-worker-";

    static Keeper fromJars(Path jars) {
        try (Stream<Path> files = Files.list(jars)) {
            List<Path> found = files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(JAR_PREFIX) && name.endsWith(".jar");
                    })
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new IllegalStateException("there is no " + JAR_PREFIX + "*.jar in " + jars);
            }
            return new Keeper(read(found.getFirst()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry(ENTRY);
            if (entry == null) {
                throw new IllegalStateException("there is no " + ENTRY + " in " + jar);
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return in.readAllBytes();
            }
        }
    }

    void copyTo(Path directory) throws IOException {
        Files.write(directory.resolve(FILE), text);
    }
}
