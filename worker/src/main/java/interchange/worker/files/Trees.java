package interchange.worker.files;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes what jobs have left, whatever it is. */
public final class Trees {
    private static final Logger LOG = LoggerFactory.getLogger(Trees.class);

    private Trees() {}

    /** What can't be removed is left, and said. Links are removed, never followed. */
    public static void remove(Path path) {
        File file = path.toFile();
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            // A job may have closed its own directories.
            if (!file.canWrite() || !file.canExecute() || !file.canRead()) {
                boolean opened = file.setReadable(true) & file.setWritable(true) & file.setExecutable(true);
                LOG.debug("opened {}: {}", path, opened);
            }
            File[] inside = file.listFiles();
            if (inside != null) {
                for (File each : inside) {
                    remove(each.toPath());
                }
            }
        }
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("can't remove {}: {}", path, e.toString());
        }
    }
}
