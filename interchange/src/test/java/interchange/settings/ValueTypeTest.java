package interchange.settings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValueTypeTest {
    /** The same cases are read by the tests of the plugin, which must agree with us. */
    @ParameterizedTest
    @MethodSource("walltimes")
    void walltimeIsMinutesOrAClock(String written, String seconds) {
        Object value = written.startsWith("\"") ? written.substring(1, written.length() - 1) : Double.valueOf(written);

        Optional<Duration> read = new Walltime().read(value);

        assertThat(read.map(time -> Long.toString(time.toSeconds())).orElse("refused"))
                .isEqualTo(seconds);
    }

    static List<Arguments> walltimes() throws IOException {
        try (InputStream cases = ValueTypeTest.class.getResourceAsStream("walltimes.tsv")) {
            return new String(requireNonNull(cases).readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> arguments((Object[]) line.split("\t", -1)))
                    .toList();
        }
    }

    @Test
    void walltimeIsNoOtherThing() {
        assertThat(new Walltime().read(true)).isEmpty();
        assertThat(new Walltime().read(90)).contains(Duration.ofMinutes(90));
        assertThat(new Walltime().read(Double.NaN)).isEmpty();
    }

    @Test
    void timeSpanIsSecondsOrHasAUnit() {
        TimeSpan span = TimeSpan.between(Duration.ZERO, Duration.ofDays(1));

        assertThat(span.read(30)).contains(Duration.ofSeconds(30));
        assertThat(span.read(1.5)).contains(Duration.ofMillis(1500));
        assertThat(span.read("30")).contains(Duration.ofSeconds(30));
        assertThat(span.read("30 s")).contains(Duration.ofSeconds(30));
        assertThat(span.read("5min")).contains(Duration.ofMinutes(5));
        assertThat(span.read("2 hours")).contains(Duration.ofHours(2));
        assertThat(span.read("1 d")).contains(Duration.ofDays(1));
        assertThat(span.read("250 ms")).contains(Duration.ofMillis(250));
        for (Object wrong : List.of("-1", -1, "5 parsecs", "2 d", "", "s", true, "1:30")) {
            assertThat(span.read(wrong)).as("%s", wrong).isEmpty();
        }
    }

    @Test
    void timesAreWrittenSoThatTheyAreReadTheSame() {
        TimeSpan span = TimeSpan.between(Duration.ZERO, Duration.ofDays(100));
        Walltime walltime = new Walltime();
        for (long seconds : new long[] {1, 59, 60, 90, 120, 3600, 5405, 86_400, 172_800, 180_061}) {
            Duration time = Duration.ofSeconds(seconds);
            assertThat(span.read(span.plain(time))).contains(time);
            assertThat(walltime.read(walltime.plain(time))).contains(time);
        }
        assertThat(span.plain(Duration.ofMillis(2500))).isEqualTo("2500 ms");
        assertThat(span.plain(Duration.ofMinutes(60))).isEqualTo("60 min");
        assertThat(walltime.plain(Duration.ofHours(51))).isEqualTo("2-03:00:00");
    }

    @Test
    void wholeNumberTakesDigitsAndRefusesPartsAndLimits() {
        WholeNumber number = WholeNumber.between(1, 10);

        assertThat(number.read(3)).contains(3);
        assertThat(number.read(3.0)).contains(3);
        assertThat(number.read(" 3 ")).contains(3);
        for (Object wrong : List.of(0, 11, 2.5, "three", true, List.of(3), "1e999999999", Double.NaN)) {
            assertThat(number.read(wrong)).as("%s", wrong).isEmpty();
        }
    }

    @Test
    void fractionIsAboveZeroAndAtMostOne() {
        assertThat(new Fraction().read("0.5")).contains(0.5);
        assertThat(new Fraction().read(1)).contains(1.0);
        assertThat(new Fraction().read(0)).isEmpty();
        assertThat(new Fraction().read(1.01)).isEmpty();
        assertThat(new Fraction().read(Double.POSITIVE_INFINITY)).isEmpty();
    }

    @Test
    void environmentTakesNumbersAsTextAndRefusesStrangeNames() {
        TextMap map = new TextMap();

        assertThat(map.read(Map.of("N", 1.0, "T", "x", "B", true))).contains(Map.of("N", "1", "T", "x", "B", "true"));
        assertThat(map.read(Map.of("A B", "x"))).isEmpty();
        assertThat(map.read(Map.of("A", List.of()))).isEmpty();
        assertThat(map.read(Map.of("A", "nul\0"))).isEmpty();
        assertThat(map.read(true)).isEmpty();
    }

    @Test
    void nearMissFindsSlipsAndLetsStrangersBe() {
        List<String> known = List.of("maxBlocks", "minBlocks", "cores", "memory");

        assertThat(NearMiss.of("max_blocks", known)).contains("maxBlocks");
        assertThat(NearMiss.of("core", known)).contains("cores");
        assertThat(NearMiss.of("croes", known)).contains("cores");
        assertThat(NearMiss.of("mem0ry", known)).contains("memory");
        assertThat(NearMiss.of("partition", known)).isEmpty();
        assertThat(NearMiss.of("x", known)).isEmpty();
        assertThat(NearMiss.of("x".repeat(100_000), known)).isEmpty();
    }
}
