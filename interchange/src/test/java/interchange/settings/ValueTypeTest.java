package interchange.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValueTypeTest {
    @Test
    void walltimeIsMinutesOrAClock() {
        Walltime walltime = new Walltime();

        assertThat(walltime.read(90)).contains(Duration.ofMinutes(90));
        assertThat(walltime.read(90.0)).contains(Duration.ofMinutes(90));
        assertThat(walltime.read(0.5)).contains(Duration.ofSeconds(30));
        assertThat(walltime.read("90")).contains(Duration.ofMinutes(90));
        assertThat(walltime.read("01:30")).contains(Duration.ofMinutes(90));
        assertThat(walltime.read("1:30:05")).contains(Duration.ofSeconds(5405));
        assertThat(walltime.read("72:00:00")).contains(Duration.ofHours(72));
        assertThat(walltime.read("2-03:00")).contains(Duration.ofHours(51));
        for (Object wrong :
                List.of("soon", "1:2", "1:60", "1:00:60", "1-30:00", "-5", 0, "0", "00:00", true, "", "1e9")) {
            assertThat(walltime.read(wrong)).as("%s", wrong).isEmpty();
        }
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
