package interchange.files;

import interchange.core.AttemptId;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Outputs that have come in part, each beside its place. A note of each is kept in a directory of the daemon's, so that
 * what will never be completed can be found and removed, also after a restart.
 */
public final class Partials {
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

    /** Where gathers what an attempt prints. */
    public static Path ofStdout(AttemptId attempt, Path place) {
        return of(new Key(attempt, Key.STDOUT), place);
    }

    public static Path ofStderr(AttemptId attempt, Path place) {
        return of(new Key(attempt, Key.STDERR), place);
    }

    /** Before the partial file is made. */
    void begin(Key key, Path partial) throws IOException {
        Path note = notes.resolve(key.text());
        byte[] text = partial.toString().getBytes(StandardCharsets.UTF_8);
        // One that a full disk or a loss of power has spoilt is written anew, and need not be text at all.
        if (!Files.exists(note) || Files.size(note) != text.length || !Arrays.equals(Files.readAllBytes(note), text)) {
            Files.write(note, text);
        }
    }

    /** The partial file has got its place, or is gone. */
    void end(Key key) throws IOException {
        Files.deleteIfExists(notes.resolve(key.text()));
    }

    /** Removes what is of attempts that are over; one that can't be removed now keeps no other. */
    void sweep(Predicate<Key> goesOn) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(notes)) {
            for (Path note : all) {
                Optional<Key> key = Key.parse(note.getFileName().toString());
                if (key.isPresent() && !goesOn.test(key.get())) {
                    remove(note);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn("Parts of outputs that nobody wants can't be looked for now: {}", e.toString());
        }
    }

    private static void remove(Path note) {
        try {
            Optional<Path> partial = partial(note);
            if (partial.isPresent()) {
                Files.deleteIfExists(partial.get());
            }
            Files.deleteIfExists(note);
        } catch (NoSuchFileException e) {
            LOG.debug("{} has gone by itself", note);
        } catch (IOException e) {
            LOG.warn("A part of an output that nobody wants can't be removed now: {}", e.toString());
        }
    }

    /** Empty: the note was written only in part, or its blocks never were, and what it says is nothing of ours. */
    private static Optional<Path> partial(Path note) throws IOException {
        if (Files.size(note) > NOTE_BYTES_MAX) {
            return Optional.empty();
        }
        try {
            Path partial = Path.of(Files.readString(note));
            return Optional.of(partial).filter(path -> path.endsWith(".interchange-" + note.getFileName() + ".part"));
        } catch (CharacterCodingException | InvalidPathException e) {
            return Optional.empty();
        }
    }
}
