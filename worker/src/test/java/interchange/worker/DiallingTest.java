package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.worker.process.Bench;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiallingTest {
    @Test
    void whatBreaksWhileDiallingIsAFailureLikeAnyOther() {
        Dialer broken = timeout -> {
            throw new IllegalStateException("no descriptors");
        };
        Dialling dialling = Dialling.start(broken, Duration.ofSeconds(1), () -> {});
        Bench.await(() -> dialling.result().isPresent());

        assertThat(dialling.result()).contains(new Dialling.Failed("java.lang.IllegalStateException: no descriptors"));
    }
}
