package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.AttemptId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialsTest {
    private static final int JOBS = 8;

    @TempDir
    Path directory;

    private Path notes = Path.of("");
    private Partials partials = new Partials(notes);

    @BeforeEach
    void prepare() throws IOException {
        notes = Files.createDirectories(directory.resolve("incoming"));
        partials = new Partials(notes);
    }

    private static Key key(int job) {
        return new Key(new AttemptId(1, job, 0), 0);
    }

    private Path partial(int job) {
        return Partials.of(key(job), directory.resolve("made" + job));
    }

    /** Of each job one that has come in part; the first job's is spoilt, whichever the sweep comes to first. */
    private void begin(int jobs) throws IOException {
        for (int job = 0; job < jobs; job++) {
            partials.begin(key(job), partial(job));
            Files.writeString(partial(job), "half");
        }
    }

    private void assertAllGoneButTheFirst() {
        for (int job = 1; job < JOBS; job++) {
            assertThat(partial(job)).doesNotExist();
            assertThat(notes.resolve(key(job).text())).doesNotExist();
        }
    }

    @Test
    void whatIsOfAttemptsThatAreOverGoes() throws IOException {
        begin(2);
        partials.sweep(key(0)::equals);
        assertThat(partial(0)).exists();
        assertThat(notes.resolve(key(0).text())).exists();
        assertThat(partial(1)).doesNotExist();
        assertThat(notes.resolve(key(1).text())).doesNotExist();
    }

    @Test
    void aPartThatCannotBeRemovedKeepsItsNoteAndNoOther() throws IOException {
        begin(JOBS);
        // Nobody, not even root, can remove a directory that is not empty as a file.
        Files.delete(partial(0));
        Files.createDirectories(partial(0).resolve("full"));

        partials.sweep(_ -> false);

        assertAllGoneButTheFirst();
        assertThat(notes.resolve(key(0).text())).exists();
    }

    @Test
    void aNoteThatSaysNothingGoesAndKeepsNoOther() throws IOException {
        for (byte[] spoilt : new byte[][] {new byte[100], {(byte) 0xC3}, {'/'}, {}, new byte[100_000]}) {
            begin(JOBS);
            Files.write(notes.resolve(key(0).text()), spoilt);

            partials.sweep(_ -> false);

            assertAllGoneButTheFirst();
            assertThat(notes.resolve(key(0).text())).doesNotExist();
            // What it is of can't be known.
            assertThat(partial(0)).exists();
        }
    }

    @Test
    void aSpoiltNoteIsWrittenAnew() throws IOException {
        partials.begin(key(0), partial(0));
        Path note = notes.resolve(key(0).text());
        byte[] spoilt = Files.readAllBytes(note);
        spoilt[3] = (byte) 0xC3;
        Files.write(note, spoilt);

        partials.begin(key(0), partial(0));

        assertThat(note).hasContent(partial(0).toString());
    }
}
