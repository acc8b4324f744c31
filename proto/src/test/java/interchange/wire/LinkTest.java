package interchange.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class LinkTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void messagesGoThereAndBack() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
            assertThat(link.send("hello".getBytes(UTF_8))).isTrue();
            assertThat(link.receive(LONG)).hasValue("hello".getBytes(UTF_8));
            assertThat(link.broken()).isFalse();
            assertThat(link.address().getPort()).isEqualTo(daemon.port());
        }
    }

    @Test
    void theFirstAddressThatAnswersIsTaken() throws Exception {
        // The second is a documentation network: packets to it vanish, or come back as unreachable.
        try (EchoDaemon daemon = new EchoDaemon();
                Link link =
                        Link.open(daemon.connection("no-such-host.invalid", "192.0.2.1", "::1", "127.0.0.1"), LONG)) {
            assertThat(link.address().getAddress()).isEqualTo(InetAddress.getByName("127.0.0.1"));
        }
    }

    @Test
    void amongAddressesThatAnswerTheBestPlacedIsTaken() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon("*", Greeting.ofDaemon().bytes());
                Link link = Link.open(daemon.connection("127.0.0.3", "127.0.0.2", "127.0.0.1"), LONG)) {
            assertThat(link.address().getAddress()).isEqualTo(InetAddress.getByName("127.0.0.3"));
        }
    }

    @Test
    void anAddressWhereSomethingElseListensIsPassedOver() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon();
                ServerSocket silent = new ServerSocket(daemon.port(), 50, InetAddress.getByName("127.0.0.2"));
                Link link = Link.open(daemon.connection("127.0.0.2", "127.0.0.1"), Duration.ofSeconds(4))) {
            assertThat(silent.isBound()).isTrue();
            assertThat(link.address().getAddress()).isEqualTo(InetAddress.getByName("127.0.0.1"));
        }
    }

    @Test
    void itConnectsOverIpv6() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon("[::1]", Greeting.ofDaemon().bytes());
                Link link = Link.open(daemon.connection("::1"), LONG)) {
            assertThat(link.send("six".getBytes(UTF_8))).isTrue();
            assertThat(link.receive(LONG)).hasValue("six".getBytes(UTF_8));
        }
    }

    @Test
    void aServerWithAnotherKeyIsUnreachableWithThatCause() {
        try (EchoDaemon daemon = new EchoDaemon()) {
            String other = CurveKeys.draw().publicKey();
            assertThatThrownBy(() -> Link.open(daemon.connectionWithKey(other, "127.0.0.1"), LONG))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("127.0.0.1 port " + daemon.port())
                    .hasMessageContaining("key")
                    .isInstanceOfSatisfying(
                            UnreachableException.class,
                            e -> assertThat(e.refused()).isTrue());
        }
    }

    @Test
    void aServerThatGreetsOtherwiseIsUnreachable() {
        try (EchoDaemon daemon = new EchoDaemon("127.0.0.1", "tea?".getBytes(UTF_8))) {
            assertThatThrownBy(() -> Link.open(daemon.connection("127.0.0.1"), LONG))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("greets")
                    .isInstanceOfSatisfying(
                            UnreachableException.class,
                            e -> assertThat(e.refused()).isTrue());
        }
    }

    @Test
    void aServerThatNeverShakesHandsIsUnreachableInTime() throws Exception {
        try (EchoDaemon keys = new EchoDaemon();
                ServerSocket silent = new ServerSocket(keys.port(), 50, InetAddress.getByName("127.0.0.2"))) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> Link.open(keys.connection("127.0.0.2"), Duration.ofMillis(700)))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("handshake did not end in time");
            assertThat(silent.isClosed()).isFalse();
            assertThat(System.nanoTime() - start).isBetween(600_000_000L, 6_000_000_000L);
        }
    }

    @Test
    void everyAddressIsNamedWithItsCauseWhenNoneAnswers() {
        EchoDaemon daemon = new EchoDaemon();
        ConnectionFile gone = daemon.connection("127.0.0.1", "no-such-host.invalid");
        daemon.close();
        assertThatThrownBy(() -> Link.open(gone, LONG))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("127.0.0.1 port " + gone.port() + ": Connection refused")
                .hasMessageContaining("no-such-host.invalid: unknown host");
    }

    @Test
    void withoutDescriptorsThereIsNoLinkAndNothingStaysOpen() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon()) {
            for (int allowed = 0; allowed < 3; allowed++) {
                ScarceChannels channels = new ScarceChannels(allowed);
                try (Link link = Link.open(daemon.connection("127.0.0.1"), Duration.ofSeconds(2), channels)) {
                    assertThat(link.broken()).isFalse();
                } catch (UnreachableException e) {
                    assertThat(e).hasMessageContaining("no interchange daemon answers");
                }
                assertThat(channels.stillOpen())
                        .as("with %d descriptors", allowed)
                        .isEmpty();
            }
        }
    }

    @Test
    void aWakeFromAnotherThreadEndsTheWait() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
            for (int round = 0; round < 200; round++) {
                Thread waker = Thread.ofVirtual().start(link::wake);
                long start = System.nanoTime();
                assertThat(link.receive(LONG)).isEmpty();
                assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos() / 2);
                waker.join();
            }
        }
    }

    @Test
    void noWakeIsLostAmongThousandsFromTwoThreads() throws Exception {
        AtomicInteger work = new AtomicInteger();
        int each = 20_000;
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
            Runnable worker = () -> {
                for (int i = 0; i < each; i++) {
                    work.incrementAndGet();
                    link.wake();
                }
            };
            Thread first = Thread.ofPlatform().start(worker);
            Thread second = Thread.ofPlatform().start(worker);
            while (work.get() < 2 * each) {
                long start = System.nanoTime();
                link.receive(LONG);
                assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos() / 2);
            }
            first.join();
            second.join();
            link.wake();
            assertThat(link.receive(LONG)).isEmpty();
        }
    }

    @Test
    void aBreachWakesTheReceiverAndIsNeverMended() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
            assertThat(link.send("bye".getBytes(UTF_8))).isTrue();
            long start = System.nanoTime();
            while (!link.broken()) {
                link.receive(LONG);
            }
            assertThat(System.nanoTime() - start).isLessThan(LONG.toNanos() / 2);
            assertThat(link.send("anyone?".getBytes(UTF_8))).isFalse();
        }
    }

    @Test
    void aBrokenLinkDoesNotMakeItsOwnerSpin() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
            link.send("bye".getBytes(UTF_8));
            while (!link.broken()) {
                link.receive(LONG);
            }
            link.receive(Duration.ofMillis(1));
            long start = System.nanoTime();
            assertThat(link.receive(Duration.ofMillis(200))).isEmpty();
            assertThat(System.nanoTime() - start).isGreaterThan(190_000_000L);
        }
    }

    @Test
    void theLastMessagesBeforeACloseStillArrive() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon()) {
            try (Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
                for (int i = 0; i < 1000; i++) {
                    assertThat(link.send("part".getBytes(UTF_8))).isTrue();
                }
                assertThat(link.send("bye".getBytes(UTF_8))).isTrue();
            }
            daemon.awaitEnd();
        }
    }

    @Test
    void aMessageTooLongForTheDaemonIsTheSendersFault() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG)) {
            assertThat(link.send(new byte[Wire.TO_DAEMON_BYTES_MAX])).isTrue();
            assertThat(link.receive(LONG).map(answer -> answer.length)).isEqualTo(Optional.of(4 << 20));
            assertThatThrownBy(() -> link.send(new byte[Wire.TO_DAEMON_BYTES_MAX + 1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("4194305");
        }
    }

    @Test
    void everySocketComesFromTheGivenProvider() throws Exception {
        CountDownLatch opened = new CountDownLatch(2);
        try (EchoDaemon daemon = new EchoDaemon();
                Link link = Link.open(daemon.connection("127.0.0.1"), LONG, new CountingProvider(opened))) {
            // One to probe, one to stay.
            assertThat(opened.getCount()).isZero();
            assertThat(link.broken()).isFalse();
        }
    }

    @Test
    void closingEndsAllThreadsOfTheLink() throws Exception {
        try (EchoDaemon daemon = new EchoDaemon()) {
            long before = zeromqThreads();
            Link link = Link.open(daemon.connection("127.0.0.1"), LONG);
            assertThat(zeromqThreads()).isGreaterThan(before);
            link.close();
            await(() -> zeromqThreads() <= before);
        }
    }

    private static long zeromqThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("iothread")
                        || thread.getName().startsWith("reaper"))
                .count();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** The JVM's own channels, counted. */
    private static final class CountingProvider extends SelectorProvider {
        private final SelectorProvider real = SelectorProvider.provider();
        private final CountDownLatch opened;

        CountingProvider(CountDownLatch opened) {
            this.opened = opened;
        }

        @Override
        public java.nio.channels.DatagramChannel openDatagramChannel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public java.nio.channels.DatagramChannel openDatagramChannel(java.net.ProtocolFamily family) {
            throw new UnsupportedOperationException();
        }

        @Override
        public java.nio.channels.Pipe openPipe() throws java.io.IOException {
            return real.openPipe();
        }

        @Override
        public java.nio.channels.spi.AbstractSelector openSelector() throws java.io.IOException {
            return real.openSelector();
        }

        // The link nudges jeromq with one when a handshake is slow.
        @Override
        public java.nio.channels.ServerSocketChannel openServerSocketChannel() throws java.io.IOException {
            return real.openServerSocketChannel();
        }

        @Override
        public SocketChannel openSocketChannel() throws java.io.IOException {
            opened.countDown();
            return real.openSocketChannel();
        }
    }
}
