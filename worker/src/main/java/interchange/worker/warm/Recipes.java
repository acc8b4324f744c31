package interchange.worker.warm;

import interchange.proto.worker.Recipe;
import interchange.shared.Sha256;
import interchange.worker.process.Environment;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the templates of a site's recent jobs were made of, in files that its workers share: so a new one makes them ahead. */
final class Recipes {
    private static final Logger LOG = LoggerFactory.getLogger(Recipes.class);
    private static final String END = ".recipe";
    private static final String FRESH = ".new";
    private static final Duration KEPT_FOR = Duration.ofDays(7);
    /** A site's users may be many; what a new worker makes ahead of its jobs should be what these are. */
    private static final int AHEAD_MAX = 2;

    private static final int NAME_LENGTH = 16;
    private static final long FILE_MAX_BYTES = 4 << 20;

    private final Path directory;
    private final String site;

    /** @param directory private, as what it holds may be */
    Recipes(Path directory, String site) {
        this.directory = directory;
        this.site = Sha256.of(site).substring(0, NAME_LENGTH);
    }

    /** A kind of templates with the environment that it names. */
    record Known(Kind kind, Environment environment) {}

    /** Keeps what a template was made of that jobs are forks of; that it is used now is told by the time of the file. */
    void keep(Known known) {
        Kind kind = known.kind();
        Recipe recipe = Recipe.newBuilder()
                .setPrefix(kind.prefix())
                .setScript(kind.script())
                .setDirectory(kind.directory())
                .setThroughShell(kind.throughShell())
                .putAllEnvironment(known.environment().variables())
                .putAllVariables(kind.over())
                .build();
        Path file = directory.resolve(site + '-' + Sha256.of(kind.toString()).substring(0, NAME_LENGTH) + END);
        try {
            write(file, recipe.toByteArray());
        } catch (IOException e) {
            LOG.debug("other workers won't make templates ahead: {}", e.toString());
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        Path fresh = Files.createTempFile(
                file.getParent(),
                "recipe",
                FRESH,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.write(fresh, content);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Those of this site that were used last; what is old, or can't be read, goes. */
    List<Known> recent() {
        File[] files = directory.toFile().listFiles((in, name) -> name.endsWith(END) || name.endsWith(FRESH));
        if (files == null) {
            return List.of();
        }
        List<File> mine = new ArrayList<>();
        for (File file : files) {
            if (System.currentTimeMillis() - file.lastModified() > KEPT_FOR.toMillis()) {
                remove(file.toPath());
            } else if (file.getName().startsWith(site + '-')) {
                mine.add(file);
            }
        }
        mine.sort(Comparator.comparingLong(File::lastModified).reversed());
        return mine.stream()
                .limit(AHEAD_MAX)
                .map(file -> read(file.toPath()))
                .flatMap(Optional::stream)
                .toList();
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("can't remove {}: {}", file, e.toString());
        }
    }

    private static Optional<Known> read(Path file) {
        try {
            if (Files.size(file) > FILE_MAX_BYTES) {
                throw new IOException("it is too large for what it should hold");
            }
            Recipe recipe = Recipe.parseFrom(Files.readAllBytes(file));
            if (recipe.getScript().isEmpty()) {
                throw new IOException("it names no script");
            }
            var environment = new Environment(recipe.getEnvironmentMap());
            var kind = new Kind(
                    recipe.getPrefix(),
                    recipe.getScript(),
                    environment.fingerprint(),
                    recipe.getVariablesMap(),
                    recipe.getDirectory(),
                    recipe.getThroughShell());
            return Optional.of(new Known(kind, environment));
        } catch (IOException e) {
            LOG.info("{} is of no use: {}", file, e.toString());
            remove(file);
            return Optional.empty();
        }
    }
}
