package interchange.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyStoreTest {
    @TempDir
    Path home;

    private Path keys() {
        return home.resolve("keys");
    }

    @Test
    void theFirstStartMakesKeysThatLaterOnesFind() throws IOException {
        KeyStore made = KeyStore.open(keys());
        assertThat(KeyStore.open(keys())).isEqualTo(made);
        assertThat(made.client().secretKey()).isNotEqualTo(made.worker().secretKey());
        assertThat(made.toString()).doesNotContain(made.server().secretKey());
    }

    @Test
    void nobodyElseMayReadThem() throws IOException {
        KeyStore.open(keys());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys())))
                .isEqualTo("rwx------");
        try (var files = Files.list(keys())) {
            assertThat(files)
                    .hasSize(3)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "server.key", "client.key", "worker.key"})
    void loosePermissionsAreRefusedWithTheRemedy(String name) throws IOException {
        KeyStore.open(keys());
        Path loose = keys().resolve(name);
        Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rwxr-x---"));
        assertThatThrownBy(() -> KeyStore.open(keys()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(loose.toString())
                .hasMessageContaining("rwxr-x---")
                .hasMessageContaining("chmod");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "only one line\n", "x\ny\n"})
    void aDamagedKeyIsRefusedWithTheRemedy(String content) throws IOException {
        KeyStore.open(keys());
        Path damaged = keys().resolve("worker.key");
        Files.writeString(damaged, content);
        assertThatThrownBy(() -> KeyStore.open(keys()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(damaged.toString())
                .hasMessageContaining("Delete it");
    }
}
