package interchange.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionFileTest {
    // Characters of Z85 that mean something in properties files, at the worst places.
    private static final String AWKWARD_KEY = "=:#!.-+^/*?&<>()[]{}@%$#=:#!.-+^/*?&<>()";

    @TempDir
    Path directory;

    @Test
    void whatWasWrittenIsRead() throws IOException {
        ConnectionFile written = new ConnectionFile(
                "0.1.0", List.of("10.1.2.3", "fe80::1%eth0", "login.example.org"), 4711, AWKWARD_KEY, key(), key());
        Path file = directory.resolve("worker.connection");
        written.write(file);
        assertThat(ConnectionFile.read(file)).isEqualTo(written);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void thePortForFilesIsThereWhereTheDaemonHasOne() throws IOException {
        Path file = directory.resolve("worker.connection");
        ConnectionFile written = new ConnectionFile("0.1.0", List.of("a", "b"), 4711, 4712, key(), AWKWARD_KEY, key());
        written.at(List.of("c")).write(file);
        ConnectionFile forFiles = ConnectionFile.read(file).forFiles().orElseThrow();

        assertThat(forFiles.port()).isEqualTo(4712);
        assertThat(forFiles.addresses()).containsExactly("c");
        assertThat(forFiles.serverKey()).isEqualTo(written.serverKey());
        assertThat(forFiles.secretKey()).isEqualTo(written.secretKey());
        assertThat(sample(1).forFiles()).isEmpty();
    }

    @Test
    void aWrongPortForFilesIsSaid() throws IOException {
        Path file = directory.resolve("worker.connection");
        sample(1).write(file);
        Files.writeString(file, Files.readString(file) + "\nfiles-port=99999\n");

        assertThatThrownBy(() -> ConnectionFile.read(file))
                .hasMessageContaining("files-port")
                .hasMessageContaining("'99999' is no port");
    }

    @Test
    void writingReplacesTheFileAndLeavesNothingElse() throws IOException {
        Path file = directory.resolve("client.connection");
        sample(1).write(file);
        sample(2).write(file);
        assertThat(ConnectionFile.read(file).port()).isEqualTo(2);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void keysOfALaterVersionAreIgnored() throws IOException {
        Path file = directory.resolve("c");
        sample(3).write(file);
        Files.writeString(file, Files.readString(file) + "\nnew-fangled=yes\n");
        assertThat(ConnectionFile.read(file).port()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        "version,'',missing",
        "version,newest,is no version",
        "addresses,'',missing",
        "addresses,'a,,b',is no address",
        "port,'',missing",
        "port,0,is no port",
        "port,65536,is no port",
        "port,many,is no port",
        "server-key,short,40 Z85 characters",
        "public-key,'',missing",
        "secret-key,0123456789012345678901234567890123456~89,40 Z85 characters",
    })
    void aWrongValueIsNamedWithItsFileAndKey(String key, String value, String complaint) throws IOException {
        Path file = directory.resolve("c");
        sample(4).write(file);
        Files.writeString(file, Files.readString(file).replaceFirst("(?m)^" + key + "=.*$", key + "=" + value));
        assertThatThrownBy(() -> ConnectionFile.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(key)
                .hasMessageContaining(complaint);
    }

    @Test
    void aSecretIsInNoMessageAndNoText() throws IOException {
        ConnectionFile file = sample(5);
        assertThat(file.toString()).doesNotContain(file.secretKey());
    }

    @Test
    void aMissingFileIsToldApartFromABadOne() throws IOException {
        Path missing = directory.resolve("missing");
        assertThatThrownBy(() -> ConnectionFile.read(missing)).isInstanceOf(NoSuchFileException.class);
        Path binary = directory.resolve("binary");
        Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThatThrownBy(() -> ConnectionFile.read(binary)).hasMessageContaining("properties");
        Path huge = directory.resolve("huge");
        Files.write(huge, new byte[100_000]);
        assertThatThrownBy(() -> ConnectionFile.read(huge)).hasMessageContaining("longer than");
    }

    private static ConnectionFile sample(int port) {
        return new ConnectionFile("0.1.0", List.of("127.0.0.1"), port, key(), key(), key());
    }

    private static String key() {
        return CurveKeys.draw().publicKey();
    }
}
