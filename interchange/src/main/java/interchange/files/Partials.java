package interchange.files;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Outputs that have come in part, each beside its place. A note of each is kept in a directory of the daemon's, so that
 * what will never be completed can be found and removed, also after a restart.
 */
final class Partials {
    private static final Logger LOG = LoggerFactory.getLogger(Partials.class);
    private static final int NOTE_BYTES_MAX = 64 * 1024;

    private final Path notes;

    /** @param notes a directory for them alone */
    Partials(Path notes) {
        this.notes = notes;
    }

    /** Where an output gathers: in the directory of its place, so that it gets there by a rename. */
    static Path of(Key key, Path place) {
        return place.resolveSibling(".interchange-" + key.text() + ".part");
    }

    /** Before the partial file is made. */
    void begin(Key key, Path partial) throws IOException {
        Path note = notes.resolve(key.text());
        // One that a full disk has cut short is written anew.
        if (!Files.exists(note) || !Files.readString(note).equals(partial.toString())) {
            Files.writeString(note, partial.toString());
        }
    }

    /** The partial file has got its place, or is gone. */
    void end(Key key) throws IOException {
        Files.deleteIfExists(notes.resolve(key.text()));
    }

    /** Removes what is of attempts that are over. */
    void sweep(Predicate<Key> goesOn) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(notes)) {
            for (Path note : all) {
                Optional<Key> key = Key.parse(note.getFileName().toString());
                if (key.isPresent() && !goesOn.test(key.get())) {
                    remove(note);
                }
            }
        } catch (IOException e) {
            LOG.warn("Parts of outputs that nobody wants can't be removed now: {}", e.toString());
        }
    }

    private static void remove(Path note) throws IOException {
        try {
            if (Files.size(note) <= NOTE_BYTES_MAX) {
                Path partial = Path.of(Files.readString(note));
                // What a half-written note names is nothing of ours.
                if (partial.getFileName().toString().equals(".interchange-" + note.getFileName() + ".part")) {
                    Files.deleteIfExists(partial);
                }
            }
            Files.deleteIfExists(note);
        } catch (NoSuchFileException e) {
            LOG.debug("{} has gone by itself", note);
        }
    }
}
