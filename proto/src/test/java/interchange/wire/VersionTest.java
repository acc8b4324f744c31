package interchange.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VersionTest {
    private static final Version DAEMON = new Version(1, 4, 2);

    @ParameterizedTest
    @CsvSource({"1.4.2,true", "1.4.99,true", "1.3.0,true", "1.5.0,true", "1.2.9,false", "1.6.0,false", "2.4.2,false"})
    void atMostOneMinorVersionApartWorksTogether(String peer, boolean expected) {
        assertThat(DAEMON.compatible(Version.parse(peer).orElseThrow())).isEqualTo(expected);
        assertThat(DAEMON.refusal("worker", peer).isEmpty()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1.2", "1.2.x", "v1.2.3", "1.2.3.4", "99999999.0.0", "1.2.3 4"})
    void whatIsNoVersionIsRefusedAndNotMisread(String text) {
        assertThat(Version.parse(text)).isEmpty();
        assertThat(DAEMON.refusal("client", text)).isPresent();
    }

    @Test
    void suffixesAreIgnored() {
        assertThat(Version.parse("0.1.0-SNAPSHOT")).hasValue(new Version(0, 1, 0));
        assertThat(Version.parse("0.1.0+abc")).hasValue(new Version(0, 1, 0));
    }

    @Test
    void aRefusalNamesBothVersions() {
        assertThat(DAEMON.refusal("worker", "3.0.0").orElseThrow()).contains("worker", "'3.0.0'", "1.4.2");
    }

    @Test
    void aRefusalDoesNotRepeatANovel() {
        assertThat(DAEMON.refusal("worker", "9".repeat(10_000)).orElseThrow()).hasSizeLessThan(500);
    }
}
