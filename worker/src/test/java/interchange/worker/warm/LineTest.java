package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.worker.process.Bench;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LineTest {
    private static final long SOON = TimeUnit.SECONDS.toNanos(10);
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(100);

    @TempDir
    Path directory;

    private Line line;
    private SocketChannel other;

    @BeforeEach
    void open() throws IOException {
        Path path = directory.resolve("line");
        line = new Line(path, Bench.lock());
        other = SocketChannel.open(StandardProtocolFamily.UNIX);
        other.connect(UnixDomainSocketAddress.of(path));
    }

    @AfterEach
    void close() throws IOException {
        line.close();
        other.close();
    }

    private void send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            other.write(bytes);
        }
    }

    @Test
    void linesComeWholeHoweverTheyArrive() throws Exception {
        send("ready 1");
        assertThat(line.hear(SHORT)).isEmpty();
        send("2\npid 3\npid");
        assertThat(line.hear(SOON)).contains("ready 12");
        assertThat(line.hear(0)).contains("pid 3");
        assertThat(line.hear(SHORT)).isEmpty();
        send(" 4\u00e9\n");
        assertThat(line.hear(SOON)).contains("pid 4\u00e9");
    }

    @Test
    void whatWasSaidBeforeTheEndIsHeard() throws Exception {
        send("cold why\nhalf a l");
        other.close();
        assertThat(line.hear(SOON)).contains("cold why");
        assertThat(line.isOver()).isTrue();
        assertThat(line.hear(SOON)).isEmpty();
    }

    @Test
    void aLineWithoutAnEndIsNone() throws Exception {
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                send("x".repeat(70_000));
            } catch (IOException e) {
                // The test has closed it.
            }
        });
        assertThatThrownBy(() -> line.hear(SOON)).hasMessage("a line of more than 65536 bytes");
        writer.join();
    }

    @Test
    void oneWhoDoesNotReadIsGivenUp() throws Exception {
        assertThat(line.hear(SHORT)).isEmpty();
        String large = "x".repeat(1 << 22);
        assertThatThrownBy(() -> line.say(large, SHORT)).hasMessage("it does not read what it is told");
    }

    @Test
    void nobodyIsThereToBeToldBeforeItHasConnected() {
        assertThatThrownBy(() -> line.say("{}", SHORT)).hasMessage("not connected");
    }

    @Test
    void asManyAsOneConnect() throws Exception {
        send("ready 1\n");
        assertThat(line.hear(SOON)).contains("ready 1");
        // It is closed at the next look.
        assertThat(line.hear(SHORT)).isEmpty();
        try (SocketChannel third = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThatThrownBy(() -> third.connect(UnixDomainSocketAddress.of(directory.resolve("line"))))
                    .isInstanceOf(IOException.class);
        }
    }
}
