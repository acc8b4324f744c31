package interchange.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.control.Request;
import interchange.proto.worker.FromWorker;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class GreetingTest {
    @Test
    void itIsReadAsItWasWritten() {
        Greeting greeting = new Greeting(List.of("127.0.0.1:5", "0:0:0:0:0:0:0:1:6"));
        assertThat(Greeting.parse(greeting.bytes())).hasValue(greeting);
        assertThat(Greeting.parse(Greeting.ofDaemon().bytes())).hasValue(new Greeting(List.of()));
    }

    @Test
    void aLongerOneIsCutToItsLimit() {
        Greeting many = new Greeting(Collections.nCopies(1_000, "x:1"));
        assertThat(Greeting.parse(many.bytes()).orElseThrow().probes()).hasSize(64);
    }

    @Test
    void noMessageOfOursBeginsLikeOne() {
        byte[] prefix = Greeting.ofDaemon().bytes();
        assertThat(Greeting.parse("interchange".getBytes(US_ASCII))).isEmpty();
        Assertions.assertThatThrownBy(() -> FromWorker.parseFrom(prefix)).isNotNull();
        Assertions.assertThatThrownBy(() -> Request.parseFrom(prefix)).isNotNull();
    }
}
