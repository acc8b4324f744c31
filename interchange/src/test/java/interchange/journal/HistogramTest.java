package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
    @Test
    void nothingHasNoPercentiles() {
        Histogram none = new Histogram();
        assertThat(none.count()).isZero();
        assertThat(none.percentile(50)).isZero();
        assertThat(none.maximum()).isZero();
    }

    @Test
    void smallNumbersAreExact() {
        Histogram small = new Histogram();
        for (int number : new int[] {7, 1, 3, 200}) {
            small.add(number);
        }
        assertThat(small.percentile(0)).isEqualTo(1);
        assertThat(small.percentile(50)).isEqualTo(3);
        assertThat(small.percentile(51)).isEqualTo(7);
        assertThat(small.percentile(95)).isEqualTo(200);
        assertThat(small.total()).isEqualTo(211);
    }

    @Test
    void largeOnesAreAtMostAHundredthTooHighAndNeverTooLow() {
        Random random = new Random(1);
        for (int bits = 8; bits < 62; bits += 3) {
            Histogram histogram = new Histogram();
            long[] numbers = new long[2_001];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = random.nextLong(1L << bits);
                histogram.add(numbers[i]);
            }
            Arrays.sort(numbers);
            for (int percent : new int[] {1, 50, 95, 100}) {
                long exact = numbers[(numbers.length * percent + 99) / 100 - 1];
                assertThat(histogram.percentile(percent)).isBetween(exact, exact + exact / 100);
            }
            assertThat(histogram.maximum()).isEqualTo(numbers[numbers.length - 1]);
        }
    }
}
