package interchange.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.wire.CurveKeys;
import interchange.wire.Link;
import interchange.wire.UnreachableException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ZmqBrokerTest {
    @TempDir
    Path directory;

    @Test
    void workersAndClientsAreAnsweredOnTheirLinks() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory)) {
            fixture.assertServes();
            assertThat(fixture.broker.counters()).isEqualTo(new Broker.Counters(0, 0, 0));
        }
    }

    @Test
    void theWorkersKeyOpensNothingElseAndTheOtherWayRound() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory)) {
            KeyStore keys = fixture.keys;
            assertThatThrownBy(() ->
                            Link.open(fixture.file(fixture.broker.controlPort(), keys.worker()), BrokerFixture.LONG))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("does not accept the key");
            assertThatThrownBy(() ->
                            Link.open(fixture.file(fixture.broker.workerPort(), keys.client()), BrokerFixture.LONG))
                    .isInstanceOf(UnreachableException.class);
            assertThatThrownBy(() ->
                            Link.open(fixture.file(fixture.broker.workerPort(), CurveKeys.draw()), BrokerFixture.LONG))
                    .isInstanceOf(UnreachableException.class);
            BrokerFixture.await(() -> fixture.broker.counters().refused() >= 3);
            assertThat(fixture.fromWorkers).isEmpty();
            fixture.assertServes();
        }
    }

    @Test
    void probesOfALinkAreNoStrangers() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory, "*", Duration.ofSeconds(60));
                Link worker = fixture.worker("127.0.0.1", "::1", "127.0.0.2");
                Link client = fixture.client("::1", "127.0.0.1")) {
            fixture.assertAnswers(worker, client);
            BrokerFixture.await(() -> fixture.broker.counters().refused() == 0);
        }
    }

    @Test
    void whatCannotBeParsedIsCountedAndDropped() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            worker.send(new byte[] {-1, -1, -1});
            client.send("nonsense".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            fixture.assertAnswers(worker, client);
            assertThat(fixture.broker.counters().unreadable()).isEqualTo(2);
        }
    }

    @Test
    void aMessageToALinkThatIsGoneIsCounted() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory)) {
            Link gone = fixture.worker();
            gone.send(BrokerFixture.heartbeat(1));
            assertThat(gone.receive(BrokerFixture.LONG)).isPresent();
            gone.close();
            long link = fixture.workerLinks.element();
            BrokerFixture.await(() -> {
                fixture.broker.send(link, BrokerFixture.acknowledge(2));
                return fixture.broker.counters().undeliverable() > 0;
            });
            fixture.assertServes();
        }
    }

    @Test
    void aPeerThatNeverReadsHoldsNobodyUp() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link stuck = fixture.worker();
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            stuck.send(BrokerFixture.heartbeat(1));
            BrokerFixture.await(() -> !fixture.workerLinks.isEmpty());
            long link = fixture.workerLinks.element();
            stuck.send(BrokerFixture.heartbeat(2));
            for (int i = 0; i < 50_000; i++) {
                fixture.broker.send(link, BrokerFixture.acknowledge(i));
            }
            fixture.assertAnswers(worker, client);
        }
    }

    @Test
    void lastMessagesStillGoWhenItCloses() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker()) {
            worker.send(BrokerFixture.heartbeat(0));
            assertThat(worker.receive(BrokerFixture.LONG)).isPresent();
            long link = fixture.workerLinks.element();
            for (int i = 1; i <= 2000; i++) {
                fixture.broker.send(link, BrokerFixture.acknowledge(i));
            }
            fixture.close();
            for (int i = 1; i <= 2000; i++) {
                assertThat(worker.receive(BrokerFixture.LONG))
                        .as("message %s", i)
                        .isPresent();
            }
            BrokerFixture.await(() -> {
                assertThat(worker.receive(Duration.ofMillis(1))).isEmpty();
                return worker.broken();
            });
        }
    }

    @Test
    void itComesBackOnThePortsItHad() throws Exception {
        int workerPort;
        int controlPort;
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker()) {
            workerPort = fixture.broker.workerPort();
            controlPort = fixture.broker.controlPort();
            assertThat(worker.broken()).isFalse();
        }
        Broker.Receiver nobody = new NoReceiver();
        ZmqBroker.Settings before = ZmqBroker.Settings.of("127.0.0.1", workerPort, controlPort);
        KeyStore keys = KeyStore.open(directory.resolve("keys"));
        try (ZmqBroker again = ZmqBroker.open(before, keys, nobody, thrown -> {});
                ZmqBroker third = ZmqBroker.open(before, keys, nobody, thrown -> {})) {
            assertThat(again.workerPort()).isEqualTo(workerPort);
            assertThat(again.controlPort()).isEqualTo(controlPort);
            assertThat(third.workerPort()).isNotEqualTo(workerPort).isPositive();
        }
    }

    private static final class NoReceiver implements Broker.Receiver {
        @Override
        public void fromWorker(long link, interchange.proto.worker.FromWorker message) {
            throw new AssertionError("nobody sent anything");
        }

        @Override
        public void fromClient(long link, interchange.proto.control.Request message) {
            throw new AssertionError("nobody sent anything");
        }
    }
}
