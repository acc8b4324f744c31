package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OfferedTest {
    private static boolean isKeptAs(long second, int nanos) {
        return new Offered(0, new byte[0], FileTime.from(Instant.ofEpochSecond(1_700_000_000, 123_456_789)), false)
                .isOfTime(FileTime.from(Instant.ofEpochSecond(second, nanos)));
    }

    @Test
    void aTimeIsTheSameWithAsFewDecimalsAsTheFileSystemKeeps() {
        for (int nanos : new int[] {123_456_789, 123_456_700, 123_456_000, 123_000_000, 120_000_000, 0}) {
            assertThat(isKeptAs(1_700_000_000, nanos)).as("%s ns", nanos).isTrue();
        }
    }

    @Test
    void anotherTimeIsAnother() {
        for (int nanos : new int[] {123_456_788, 123_457_000, 124_000_000, 456_000}) {
            assertThat(isKeptAs(1_700_000_000, nanos)).as("%s ns", nanos).isFalse();
        }
        assertThat(isKeptAs(1_700_000_001, 0)).isFalse();
        assertThat(isKeptAs(1_699_999_999, 123_456_789)).isFalse();
    }
}
