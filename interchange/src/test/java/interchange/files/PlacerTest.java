package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import interchange.core.AttemptId;
import interchange.shared.Sha256;
import interchange.shared.SystemErrors;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One output, put into its place. */
class PlacerTest {
    private static final int EIO = 5;
    private static final Key KEY = new Key(new AttemptId(1, 2, 0), 0);
    private static final ByteString CONTENT = ByteString.copyFromUtf8("made");

    @TempDir
    Path directory;

    private Path place = Path.of("");
    private int umask = 022;
    private final Permits permits = new OpenPermits(() -> new Permit.Output(place, umask));
    private int failing;
    private Placer placer = new Placer(permits, new Partials(Path.of("")));

    @BeforeEach
    void begin() throws IOException {
        place = directory.resolve("shared/new/made");
        Files.createDirectory(directory.resolve("shared"));
        placer = new Placer(
                permits, new Partials(Files.createDirectories(directory.resolve("incoming"))), this::forceOrFail);
    }

    private void forceOrFail(Upload upload) throws IOException {
        if (failing > 0) {
            failing--;
            throw new IOException(SystemErrors.text(EIO));
        }
        upload.force();
    }

    private Upload opened() {
        Offered offered = new Offered(
                CONTENT.size(), Sha256.digest().digest(CONTENT.toByteArray()), FileTime.fromMillis(1000), false);
        return ((Placer.Result.Opened) placer.open(KEY, offered)).upload();
    }

    @Test
    void whatTheDiskMayNotHaveTakenIsAskedForAnew() throws IOException {
        failing = 1;
        Upload first = opened();
        first.append(CONTENT);
        assertThat(placer.place(first)).isInstanceOf(Placer.Result.NotNow.class);

        Upload second = opened();
        assertThat(second.offset()).isZero();
        second.append(CONTENT);
        assertThat(placer.place(second)).isInstanceOf(Placer.Result.Placed.class);
        assertThat(place).hasBinaryContent(CONTENT.toByteArray());
    }

    @Test
    void whatComesWithAnotherContentIsRefusedInTheEnd() throws IOException {
        Upload upload = opened();
        for (int time = 1; time < Placer.DAMAGED_MAX; time++) {
            upload.append(ByteString.copyFromUtf8("MADE"));
            assertThat(placer.place(upload)).isInstanceOf(Placer.Result.Damaged.class);
            assertThat(upload.offset()).isZero();
        }
        upload.append(ByteString.copyFromUtf8("MADE"));
        assertThat(placer.place(upload))
                .isInstanceOfSatisfying(
                        Placer.Result.Refused.class,
                        refused -> assertThat(refused.why()).contains("3 times", place.toString()));
        assertThat(place).doesNotExist();
    }

    @Test
    void newDirectoriesHaveTheGroupOfTheOneAboveAndTheModeOfTheJob() throws IOException {
        Path above = directory.resolve("shared");
        Files.setAttribute(above, "unix:mode", 02775);
        umask = 027;
        Upload upload = opened();
        upload.append(CONTENT);
        assertThat(placer.place(upload)).isInstanceOf(Placer.Result.Placed.class);
        assertThat((int) Files.getAttribute(place.getParent(), "unix:mode") & 07777)
                .isEqualTo(02750);
        assertThat((int) Files.getAttribute(place, "unix:mode") & 07777).isEqualTo(0640);
    }

    @Test
    void aPlaceThatCannotBeLookedAtIsNoObstacleForGood() {
        // As what a server of files that is away answers, and unlike it at hand everywhere: a name that is too long.
        Path unknown = directory.resolve("x".repeat(300)).resolve("made");
        assertThatThrownBy(() -> Placer.obstacle(unknown)).isInstanceOf(FileSystemException.class);
    }

    @Test
    void theNearestDirectoryTellsWhetherAPlaceCanBeMade() throws IOException {
        Files.createFile(directory.resolve("file"));
        assertThat(Placer.obstacle(directory.resolve("a/b/c"))).isEmpty();
        assertThat(Placer.obstacle(directory.resolve("file/b")).orElseThrow()).contains(directory + "/file can't be");
        assertThat(Placer.obstacle(directory).orElseThrow()).contains("is a directory");
        assertThat(Placer.obstacle(Path.of("/dev/full")).orElseThrow()).contains("no regular file");
    }
}
