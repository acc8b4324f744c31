package interchange.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RediallingTest {
    private final Redialling redialling = new Redialling(
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            new Random(1));

    @Test
    void timeoutsDoubleUpToTheMost() {
        assertThat(Stream.generate(redialling::timeout).limit(4).map(Duration::toSeconds))
                .containsExactly(5L, 10L, 15L, 15L);
        redialling.reset();
        assertThat(redialling.timeout()).hasSeconds(5);
    }

    @Test
    void pausesDoubleUpToTheMostOfWhichTheyAreAtLeastHalf() {
        for (long longestMillis : new long[] {500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000}) {
            assertThat(redialling.pauseNanos(0) / 1_000_000).isBetween(longestMillis / 2, longestMillis);
        }
        redialling.reset();
        assertThat(redialling.pauseNanos(0) / 1_000_000).isBetween(250L, 500L);
    }

    @Test
    void whatIsAskedForIsWaitedAtLeast() {
        long asked = Duration.ofMinutes(2).toNanos();
        assertThat(redialling.pauseNanos(asked)).isBetween(asked, 2 * asked);
    }

    @Test
    void noTwoWaitTheSame() {
        assertThat(LongStream.range(0, 100).map(_ -> {
                    redialling.reset();
                    return redialling.pauseNanos(0);
                }))
                .doesNotHaveDuplicates();
    }
}
