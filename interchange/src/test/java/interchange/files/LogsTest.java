package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.journal.JournalReader.AttemptRow;
import interchange.shared.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of several attempts of a job, as they get their place one after another. */
class LogsTest {
    private static final FileTime TIME = FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789));

    @TempDir
    Path directory;

    private OptionalInt guess = OptionalInt.empty();
    private final Permits permits = new OpenPermits(() -> new Permit.Log(log(""), 022, guess));
    private Placer placer = new Placer(permits, new Partials(Path.of("")));

    private Path log(String suffix) {
        return directory.resolve("logs/a.stdout" + suffix);
    }

    @BeforeEach
    void startDaemon() throws IOException {
        placer = new Placer(permits, new Partials(Files.createDirectories(directory.resolve("incoming"))));
    }

    /** What attempt n printed is "n". */
    private void bring(int attempt) throws IOException {
        ByteString text = ByteString.copyFromUtf8(Integer.toString(attempt));
        Offered offered = new Offered(text.size(), Sha256.digest().digest(text.toByteArray()), TIME, false);
        Placer.Result result = placer.open(new Key(new AttemptId(1, 2, attempt), Key.STDOUT), offered);
        if (result instanceof Placer.Result.Opened(Upload upload)) {
            upload.append(text);
            result = placer.place(upload);
        }
        assertThat(result).isInstanceOf(Placer.Result.Placed.class);
    }

    @Test
    void aLogStaysUnderTheNumberOfTheAttemptThatWroteIt() throws IOException {
        bring(0);
        // The next brought none, and the journal knows no better.
        guess = OptionalInt.of(1);
        bring(2);

        assertThat(log("")).hasContent("2");
        assertThat(log(".0")).hasContent("0");
        assertThat(log(".1")).doesNotExist();
    }

    @Test
    void ofAnEarlierDaemonTheJournalKnows() throws IOException {
        bring(0);
        startDaemon();
        guess = OptionalInt.of(0);
        bring(2);

        assertThat(log("")).hasContent("2");
        assertThat(log(".0")).hasContent("0");
    }

    @Test
    void oneThatIsOfferedTwiceDoesNotPushOutTheOneBefore() throws IOException {
        bring(0);
        guess = OptionalInt.of(0);
        bring(1);
        // Whatever a file system makes of times.
        Files.setLastModifiedTime(log(""), FileTime.from(Instant.ofEpochSecond(1_700_000_002)));
        bring(1);

        assertThat(log("")).hasContent("1");
        assertThat(log(".0")).hasContent("0");
    }

    @Test
    void theLogOfAnotherRunIsNoneOfItsAttempts() throws IOException {
        Files.createDirectories(log("").getParent());
        Files.writeString(log(""), "of last week");
        bring(0);

        assertThat(log("")).hasContent("0");
        assertThat(log(".0")).doesNotExist();
    }

    private static AttemptRow row(int number, AttemptEnd end, long started) {
        return new AttemptRow(2, number, Optional.of(end), 0, 0, "", "", 1, started, 3, 0, 0, false);
    }

    @Test
    void byTheJournalTheLastThatRanToItsEndHasBroughtItsLog() {
        List<AttemptRow> attempts = List.of(
                row(0, AttemptEnd.FAILED, 2),
                row(1, AttemptEnd.WALLTIME, 2),
                row(2, AttemptEnd.WORKER_DIED, 2),
                row(3, AttemptEnd.FAILED, 0),
                row(4, AttemptEnd.RETRACTED, 0),
                row(6, AttemptEnd.SUCCEEDED, 2));

        assertThat(JournalPermits.earlier(attempts, 0)).isEmpty();
        assertThat(JournalPermits.earlier(attempts, 1)).hasValue(0);
        assertThat(JournalPermits.earlier(attempts, 5)).hasValue(1);
        // None is known to have brought one, but something is there.
        assertThat(JournalPermits.earlier(attempts.subList(2, 5), 5)).hasValue(4);
    }
}
