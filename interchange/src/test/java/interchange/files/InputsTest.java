package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.files.Turns.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {
    @TempDir
    Path directory;

    private final FakeLoop loop = new FakeLoop();
    private final Inputs inputs = new Inputs(loop.otherThread(), loop);
    private final List<Peer> answered = new ArrayList<>();

    private boolean look(Path path, Peer peer) {
        return inputs.look(path, peer, answer -> {
            assertThat(answer).isInstanceOf(Inputs.Answer.Found.class);
            answered.add(peer);
        });
    }

    @Test
    void whoAsksAgainWhileAFileIsReadIsAnsweredOnce() throws IOException {
        Path file = Files.writeString(directory.resolve("data"), "content");
        Peer first = new Peer(1, 1);
        Peer second = new Peer(2, 1);
        for (int i = 0; i < 100; i++) {
            assertThat(look(file, first)).isFalse();
        }
        assertThat(look(file, second)).isFalse();

        loop.run();

        assertThat(answered).containsExactly(first, second);
        assertThat(look(file, first)).isTrue();
    }
}
