package interchange.worker.warm;

import interchange.proto.worker.Recipe;
import interchange.shared.Sha256;
import interchange.worker.process.Environment;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the templates of a site's recent jobs were made of, in files that its workers share: so a new one makes them ahead. */
final class Recipes {
    private static final Logger LOG = LoggerFactory.getLogger(Recipes.class);
    private static final String END = ".recipe";
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
                .putAllEnvironment(known.environment().variables())
                .putAllVariables(kind.over())
                .build();
        Path file = directory.resolve(site + '-' + Sha256.of(kind.toString()).substring(0, NAME_LENGTH) + END);
        try {
            if (Files.exists(file)) {
                Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            } else {
                write(file, recipe.toByteArray());
            }
        } catch (IOException e) {
            LOG.debug("other workers won't make templates ahead: {}", e.toString());
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        Path fresh = Files.createTempFile(
                file.getParent(),
                "recipe",
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.write(fresh, content);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            // Another worker's, and the same.
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Those of this site that were used last; what is old goes. */
    List<Known> recent() {
        List<Path> mine = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.filter(one -> one.toString().endsWith(END)).toList()) {
                if (age(file).compareTo(KEPT_FOR) > 0) {
                    Files.deleteIfExists(file);
                } else if (String.valueOf(file.getFileName()).startsWith(site + '-')) {
                    mine.add(file);
                }
            }
            mine.sort(Comparator.comparing(file -> file.toFile().lastModified()));
            List<Known> known = new ArrayList<>();
            for (Path file : mine.reversed().subList(0, Math.min(AHEAD_MAX, mine.size()))) {
                known.add(read(file));
            }
            return known;
        } catch (IOException e) {
            LOG.info("no template is made ahead: {}", e.toString());
            return List.of();
        }
    }

    private static Duration age(Path file) throws IOException {
        return Duration.between(Files.getLastModifiedTime(file).toInstant(), Instant.now());
    }

    private static Known read(Path file) throws IOException {
        if (Files.size(file) > FILE_MAX_BYTES) {
            throw new IOException(file + " is too large for what it should hold");
        }
        Recipe recipe = Recipe.parseFrom(Files.readAllBytes(file));
        var environment = new Environment(recipe.getEnvironmentMap());
        var kind = new Kind(
                recipe.getPrefix(),
                recipe.getScript(),
                environment.fingerprint(),
                recipe.getVariablesMap(),
                recipe.getDirectory());
        return new Known(kind, environment);
    }
}
