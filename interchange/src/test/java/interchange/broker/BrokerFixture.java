package interchange.broker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.HeartbeatAck;
import interchange.proto.worker.ToWorker;
import interchange.wire.ConnectionFile;
import interchange.wire.CurveKeys;
import interchange.wire.Link;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A broker on loopback whose receiver answers each heartbeat and each request, and links to it. */
final class BrokerFixture implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(30);

    final KeyStore keys;
    final ZmqBroker broker;
    final Queue<FromWorker> fromWorkers = new ConcurrentLinkedQueue<>();
    final Queue<Long> workerLinks = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    BrokerFixture(Path directory) throws IOException {
        this(directory, "127.0.0.1", Duration.ofSeconds(60));
    }

    BrokerFixture(Path directory, String host, Duration patience) throws IOException {
        keys = KeyStore.open(directory.resolve("keys"));
        CompletableFuture<Broker> self = new CompletableFuture<>();
        Broker.Receiver receiver = new Broker.Receiver() {
            @Override
            public void fromWorker(long link, FromWorker message) {
                fromWorkers.add(message);
                workerLinks.add(link);
                if (message.hasHeartbeat()) {
                    self.join().send(link, acknowledge(message.getHeartbeat().getNumber()));
                }
            }

            @Override
            public void fromClient(long link, Request message) {
                self.join()
                        .send(link, Response.newBuilder().setId(message.getId()).build());
            }
        };
        broker = ZmqBroker.open(
                new ZmqBroker.Settings(host, 0, 0, patience), keys, receiver, thrown -> failure.set(thrown));
        self.complete(broker);
    }

    static ToWorker acknowledge(long number) {
        return ToWorker.newBuilder()
                .setHeartbeatAck(HeartbeatAck.newBuilder().setNumber(number))
                .build();
    }

    static byte[] heartbeat(long number) {
        return FromWorker.newBuilder()
                .setHeartbeat(interchange.proto.worker.Heartbeat.newBuilder().setNumber(number))
                .build()
                .toByteArray();
    }

    Link worker(String... addresses) throws Exception {
        return Link.open(file(broker.workerPort(), keys.worker(), addresses), LONG);
    }

    Link client(String... addresses) throws Exception {
        return Link.open(file(broker.controlPort(), keys.client(), addresses), LONG);
    }

    ConnectionFile file(int port, CurveKeys peer, String... addresses) {
        return new ConnectionFile(
                "0.1.0",
                addresses.length == 0 ? List.of("127.0.0.1") : List.of(addresses),
                port,
                keys.server().publicKey(),
                peer.publicKey(),
                peer.secretKey());
    }

    /** Both kinds of peers can connect, ask, and are answered. */
    void assertServes() throws Exception {
        try (Link worker = worker();
                Link client = client()) {
            assertAnswers(worker, client);
        }
    }

    /** These links still work. */
    void assertAnswers(Link worker, Link client) throws Exception {
        assertThat(failure.get()).isNull();
        assertThat(worker.send(heartbeat(7))).isTrue();
        assertThat(ToWorker.parseFrom(worker.receive(LONG).orElseThrow())).isEqualTo(acknowledge(7));
        assertThat(client.send(Request.newBuilder().setId("x").build().toByteArray()))
                .isTrue();
        assertThat(Response.parseFrom(client.receive(LONG).orElseThrow()).getId())
                .isEqualTo("x");
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    @Override
    public void close() {
        broker.close();
    }
}
