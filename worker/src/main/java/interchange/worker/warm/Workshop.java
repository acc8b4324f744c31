package interchange.worker.warm;

import interchange.shared.Sha256;
import interchange.worker.files.Trees;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of templates: the program itself, sockets and outputs in a directory of the node's that goes with the worker,
 * and, where all workers find them, the lists of what to import ahead.
 */
public final class Workshop {
    private static final Logger LOG = LoggerFactory.getLogger(Workshop.class);
    private static final String PREFIX = "interchange-warm-";
    private static final String RESOURCES = "/interchange/worker/";
    /** The template process; its name says something to Python, see its first file. */
    private static final String PROGRAM = "template_importlib_bootstrap";

    /** A jar can't be asked what is in a directory. */
    static final List<String> MODULES = List.of(
            "__main__",
            "ahead",
            "chance",
            "forks",
            "learnt",
            "likeness",
            "line",
            "looks",
            "script",
            "shared",
            "traces",
            "words");
    /** What the kernel has room for in the name of a socket, less what we add. */
    private static final int DIRECTORY_MAX_BYTES = 90;

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Variables by which Python and its modules are found. */
    private static final Set<String> PLACES = Set.of("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX");

    private final Path directory;
    private final Path lists;

    private Workshop(Path directory, Path lists) {
        this.directory = directory;
        this.lists = lists;
    }

    /**
     * @param bases where the directory may lie; the first that can be written is taken
     * @param host only directories of this machine's workers can be judged by their processes
     * @param lists shared with other workers; where it can't be made, each worker learns for itself
     */
    public static Workshop open(List<Path> bases, String host, Path lists) throws IOException {
        IOException last = new IOException("there is no directory with a short enough name");
        for (Path base : bases) {
            try {
                return open(base, host, lists);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private static Workshop open(Path base, String host, Path lists) throws IOException {
        String mine = PREFIX + host.replaceAll("[^A-Za-z0-9_.-]", "_") + "-";
        removeDead(base, mine);
        Path made =
                Files.createTempDirectory(base, mine + ProcessHandle.current().pid() + "-", OWNER_ONLY);
        if (made.toString().getBytes(StandardCharsets.UTF_8).length > DIRECTORY_MAX_BYTES) {
            Files.delete(made);
            throw new IOException("the name of " + made + " is too long for a socket in it");
        }
        Files.createDirectory(made.resolve(PROGRAM));
        for (String module : MODULES) {
            String file = PROGRAM + "/" + module + ".py";
            try (InputStream program = Workshop.class.getResourceAsStream(RESOURCES + file)) {
                Files.copy(Objects.requireNonNull(program, file), made.resolve(file));
            }
        }
        return new Workshop(made, shared(lists, made));
    }

    private static Path shared(Path lists, Path otherwise) {
        try {
            if (!Files.isDirectory(lists)) {
                Files.createDirectory(lists, OWNER_ONLY);
            }
            return lists;
        } catch (IOException e) {
            LOG.info("what templates import is not shared with other workers: {}", e.toString());
            return otherwise;
        }
    }

    /** Those of workers that were killed. */
    private static void removeDead(Path base, String mine) throws IOException {
        File[] all = base.toFile().listFiles((in, name) -> name.startsWith(mine));
        for (File entry : all == null ? new File[0] : all) {
            Path one = entry.toPath();
            String pid = entry.getName().substring(mine.length()).split("-", 2)[0];
            if (isOurs(one) && !Files.exists(Path.of("/proc", pid))) {
                Trees.remove(one);
            }
        }
    }

    private static boolean isOurs(Path path) throws IOException {
        return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    Path program() {
        return directory.resolve(PROGRAM).resolve("__main__.py");
    }

    /** A new file's name for the template of that number. */
    Path file(int template, String what) {
        return directory.resolve(template + "." + what);
    }

    /** False: somebody has cleared it away. */
    boolean isThere() {
        return Files.isRegularFile(program());
    }

    /** What to import ahead for a script; one for each place where modules are found, as far as variables tell. */
    Path list(Recipes.Known known) {
        Kind kind = known.kind();
        var all = new StringBuilder(kind.prefix()).append('\0').append(kind.script());
        known.environment().variables().forEach((name, value) -> {
            if (PLACES.contains(name) || kind.script().contains(name)) {
                all.append('\0').append(name).append('=').append(kind.over().getOrDefault(name, value));
            }
        });
        return lists.resolve(Sha256.of(all.toString()).substring(0, 32) + ".modules");
    }

    Path lists() {
        return lists;
    }

    void removeFilesOf(int template) {
        for (String what : List.of("line", "out", "err", "modules")) {
            try {
                Files.deleteIfExists(file(template, what));
            } catch (IOException e) {
                LOG.debug("can't remove a file of a template: {}", e.toString());
            }
        }
    }

    void close() {
        Trees.remove(directory);
    }
}
