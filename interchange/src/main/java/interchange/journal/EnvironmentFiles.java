package interchange.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * The environments of runs, in files of mode 0600 beside the journal, because they may hold credentials.
 *
 * <p>A run has one base (the environment of the submitting shell) and a few overlays (what the configuration adds for
 * some jobs); environment n of a run is the base with overlay n applied. Any thread may call.
 */
public final class EnvironmentFiles {
    /** Beyond it the least trouble is to read again. */
    private static final int CACHED_RUNS_MAX = 64;

    private static final String TEMPORARY = ".new";

    private final Path directory;
    private final Map<Integer, StoredEnvironments> cache = new ConcurrentHashMap<>();

    /** What some jobs have over the base. */
    public record Overlay(Map<String, String> set, Set<String> unset) {
        public static final Overlay NONE = new Overlay(Map.of(), Set.of());

        public Overlay {
            set = Map.copyOf(set);
            unset = Set.copyOf(unset);
        }

        /** Without the values, which may be secret. */
        @Override
        public String toString() {
            return "sets " + set.keySet() + ", unsets " + unset;
        }
    }

    /** Makes the directory if there is none, and removes what a crash left half-written. */
    public EnvironmentFiles(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory, "*" + TEMPORARY)) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    /** Stores the environments of a run; on disk when it returns, which is before the run appears. */
    public void write(int run, Map<String, String> base, List<Overlay> overlays) throws IOException {
        store(run, new StoredEnvironments(0, base, overlays));
    }

    /** Gives a run another base, as a restart does; its environments have other ids from then on. */
    public void replaceBase(int run, Map<String, String> base) throws IOException {
        StoredEnvironments old = stored(run);
        store(run, new StoredEnvironments(old.revision() + 1, base, old.overlays()));
    }

    /** What the jobs of a run have over its base, by number. */
    public List<Overlay> overlays(int run) throws IOException {
        return stored(run).overlays();
    }

    /**
     * Gives a run more environments, behind those that it has.
     *
     * @param rule what of the base the sites of the new jobs let through
     * @param overlays the old ones and the new ones
     */
    public void append(int run, UnaryOperator<Map<String, String>> rule, List<Overlay> overlays) throws IOException {
        StoredEnvironments old = stored(run);
        Map<String, String> base = rule.apply(old.base());
        int revision = base.equals(old.base()) ? old.revision() : old.revision() + 1;
        store(run, new StoredEnvironments(revision, base, overlays));
    }

    /** Environment n of a run: the base with overlay n applied. */
    public Map<String, String> environment(int run, int number) {
        StoredEnvironments stored = read(run);
        Map<String, String> environment = new HashMap<>(stored.base());
        if (number > 0 || !stored.overlays().isEmpty()) {
            Overlay overlay = stored.overlays().get(number);
            environment.keySet().removeAll(overlay.unset());
            environment.putAll(overlay.set());
        }
        return environment;
    }

    /** Names environment n of a run as it is now: equal ids have equal content, over all the journal's life. */
    public long id(int run, int number) {
        return EnvironmentId.of(run, read(run).revision(), number);
    }

    public void delete(int run) throws IOException {
        cache.remove(run);
        Files.deleteIfExists(file(run));
    }

    /** Removes the files of all other runs. */
    public void keepOnly(Set<Integer> runs) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[0-9]*")) {
            for (Path file : files) {
                if (!runs.contains(Integer.parseInt(file.getFileName().toString()))) {
                    Files.deleteIfExists(file);
                }
            }
        }
        cache.keySet().retainAll(runs);
    }

    private void store(int run, StoredEnvironments environments) throws IOException {
        DurableFile.replace(file(run), directory.resolve(run + TEMPORARY), environments.toBytes());
        remember(run, environments);
    }

    private StoredEnvironments read(int run) {
        try {
            return stored(run);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StoredEnvironments stored(int run) throws IOException {
        StoredEnvironments cached = cache.get(run);
        if (cached != null) {
            return cached;
        }
        StoredEnvironments stored = parsed(run, bytes(run));
        remember(run, stored);
        return stored;
    }

    private byte[] bytes(int run) throws IOException {
        try {
            return Files.readAllBytes(file(run));
        } catch (NoSuchFileException e) {
            throw new LostEnvironmentException("the environment of run " + run + " is missing: " + file(run), e);
        }
    }

    private StoredEnvironments parsed(int run, byte[] bytes) throws LostEnvironmentException {
        try {
            return StoredEnvironments.parse(bytes);
        } catch (IOException e) {
            throw new LostEnvironmentException("the environment of run " + run + " is damaged: " + file(run), e);
        }
    }

    private void remember(int run, StoredEnvironments environments) {
        if (cache.size() >= CACHED_RUNS_MAX) {
            cache.clear();
        }
        cache.put(run, environments);
    }

    private Path file(int run) {
        return directory.resolve(Integer.toString(run));
    }
}
