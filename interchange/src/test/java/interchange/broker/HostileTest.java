package interchange.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import interchange.wire.CurveKeys;
import interchange.wire.Link;
import interchange.wire.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** Strangers may do what they like on the two ports: a counter goes up, and the others go on. */
@Timeout(180)
class HostileTest {
    private static final int GREETING_BYTES = 64;
    private static final long NUDGE_NANOS = Duration.ofMillis(250).toNanos();

    @TempDir
    Path directory;

    private static byte[] greeting(String mechanism) {
        byte[] bytes = new byte[GREETING_BYTES];
        bytes[0] = (byte) 0xff;
        bytes[9] = 0x7f;
        bytes[10] = 3;
        System.arraycopy(mechanism.getBytes(US_ASCII), 0, bytes, 12, mechanism.length());
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        Arrays.stream(parts).forEach(all::put);
        return all.array();
    }

    /** A frame of ZMTP 3: flags, a length of eight bytes, a body. */
    private static byte[] longFrame(int flags, long length, byte[] body) {
        return ByteBuffer.allocate(9 + body.length)
                .put((byte) flags)
                .putLong(length)
                .put(body)
                .array();
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Whether the other side hung up. */
    private static boolean hungUp(Socket socket) {
        try {
            return socket.getInputStream().read(new byte[4096]) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    private static void say(int port, byte[] bytes) throws IOException {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write(bytes);
        } catch (java.net.SocketException e) {
            // It hung up before all was said, as it should.
            assertThat(e).isNotNull();
        }
    }

    /** Of jeromq alone, so that it can say what a link never would, but with a worker's key. */
    static ZMQ.Socket socketWithKey(KeyStore store, ZContext context) {
        ZMQ.Socket socket = context.createSocket(SocketType.DEALER);
        CurveKeys keys = store.worker();
        socket.setCurveServerKey(CurveKeys.bytes(store.server().publicKey()));
        socket.setCurvePublicKey(CurveKeys.bytes(keys.publicKey()));
        socket.setCurveSecretKey(CurveKeys.bytes(keys.secretKey()));
        return socket;
    }

    /** Waits as long as it takes jeromq to talk: it may lose a new connection's descriptor, as CurveSocket.nudge says. */
    static void awaitNudging(ZContext context, BooleanSupplier condition) throws InterruptedException {
        AtomicLong nextNanos = new AtomicLong(System.nanoTime() + NUDGE_NANOS);
        BrokerFixture.await(() -> {
            if (System.nanoTime() > nextNanos.get()) {
                try (ZMQ.Socket other = context.createSocket(SocketType.PAIR)) {
                    other.bind("tcp://127.0.0.1:*");
                }
                nextNanos.set(System.nanoTime() + NUDGE_NANOS);
            }
            return condition.getAsBoolean();
        });
    }

    @Test
    void thousandsOfRandomBlobsAreCountedAndChangeNothing() throws Exception {
        Random random = new Random(4711);
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            fixture.assertAnswers(worker, client);
            int blobs = 3_000;
            for (int i = 0; i < blobs; i++) {
                int port = i % 2 == 0 ? fixture.broker.workerPort() : fixture.broker.controlPort();
                byte[] noise = random(random, random.nextInt(1, 400));
                byte[] curve = greeting("CURVE");
                say(
                        port,
                        switch (i % 6) {
                            case 0 -> noise;
                            case 1 -> concat(curve, noise);
                            // An announced length, often absurd or negative.
                            case 2 -> concat(curve, longFrame(random.nextInt(256), random.nextLong(), noise));
                            // A well-formed command of any name.
                            case 3 -> concat(curve, longFrame(6, noise.length, noise));
                            case 4 ->
                                concat(
                                        curve,
                                        longFrame(
                                                6,
                                                200,
                                                concat(
                                                        new byte[] {5},
                                                        "HELLO".getBytes(US_ASCII),
                                                        new byte[] {1, 0},
                                                        random(random, 192))));
                            default -> concat(Arrays.copyOf(curve, random.nextInt(1, 64)), noise);
                        });
                int said = i + 1;
                if (said % 250 == 0) {
                    fixture.assertAnswers(worker, client);
                    // More than the kernel's queue of connections holds would come back after seconds, or never.
                    BrokerFixture.await(() -> fixture.broker.counters().refused() == said);
                }
            }
            fixture.assertServes();
            assertThat(fixture.broker.counters().refused()).isEqualTo(blobs);
        }
    }

    @Test
    void anAnnouncedLengthOfTwoGibibytesEndsThatConnectionAlone() throws Exception {
        // Lengths that jeromq's own limit lets pass: negative as a whole, huge or negative in their lower half.
        long[] lengths = {-1, Long.MIN_VALUE, 0x8000_0000_7fff_fff7L, 0xffff_ffff_7fff_0000L, 1L << 40, 1L << 31};
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            for (long length : lengths) {
                try (Socket socket = connect(fixture.broker.workerPort())) {
                    socket.getOutputStream().write(concat(greeting("CURVE"), longFrame(6, length, new byte[100])));
                    BrokerFixture.await(() -> hungUp(socket));
                }
                fixture.assertAnswers(worker, client);
            }
            fixture.assertServes();
        }
    }

    @Test
    void aPortScanChangesNothing() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            for (int i = 0; i < 200; i++) {
                connect(fixture.broker.workerPort()).close();
                connect(fixture.broker.controlPort()).close();
            }
            fixture.assertAnswers(worker, client);
            BrokerFixture.await(() -> fixture.broker.counters().refused() == 400);
            fixture.assertServes();
        }
    }

    @Test
    void aHandshakeThatIsNeverFinishedIsEnded() throws Exception {
        Duration patience = Duration.ofSeconds(2);
        try (BrokerFixture fixture = new BrokerFixture(directory, "127.0.0.1", patience);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            List<Socket> slow = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Socket socket = connect(fixture.broker.workerPort());
                slow.add(socket);
                // Nothing at all; half a greeting; a whole one; and one that goes on with half a frame.
                byte[] curve = greeting("CURVE");
                socket.getOutputStream()
                        .write(
                                switch (i % 4) {
                                    case 0 -> new byte[0];
                                    case 1 -> Arrays.copyOf(curve, 30);
                                    case 2 -> curve;
                                    default -> concat(curve, longFrame(6, 200, new byte[20]));
                                });
            }
            fixture.assertAnswers(worker, client);
            for (Socket socket : slow) {
                BrokerFixture.await(() -> hungUp(socket));
                socket.close();
            }
            BrokerFixture.await(() -> fixture.broker.counters().refused() == 60);
            // Those who are known may be silent for as long as they like.
            fixture.assertAnswers(worker, client);
        }
    }

    @Test
    void tooManyStrangersPushEachOtherOut() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            List<Socket> crowd = new ArrayList<>();
            for (int i = 0; i < Gate.STRANGERS_MAX + 100; i++) {
                crowd.add(connect(fixture.broker.workerPort()));
            }
            for (Socket early : crowd.subList(0, 100)) {
                BrokerFixture.await(() -> hungUp(early));
            }
            fixture.assertAnswers(worker, client);
            fixture.assertServes();
            for (Socket socket : crowd) {
                socket.close();
            }
        }
    }

    @Test
    void peersWithoutEncryptionOrWithAStrangersKeyGetNothing() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                ZContext context = new ZContext(1);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            String endpoint = "tcp://127.0.0.1:" + fixture.broker.workerPort();
            List<ZMQ.Socket> strangers = new ArrayList<>();
            strangers.add(context.createSocket(SocketType.DEALER));
            ZMQ.Socket plain = context.createSocket(SocketType.DEALER);
            plain.setPlainUsername("worker");
            plain.setPlainPassword("worker");
            strangers.add(plain);
            ZMQ.Socket otherKey = context.createSocket(SocketType.DEALER);
            CurveKeys drawn = CurveKeys.draw();
            otherKey.setCurveServerKey(CurveKeys.bytes(fixture.keys.server().publicKey()));
            otherKey.setCurvePublicKey(CurveKeys.bytes(drawn.publicKey()));
            otherKey.setCurveSecretKey(CurveKeys.bytes(drawn.secretKey()));
            strangers.add(otherKey);
            for (ZMQ.Socket stranger : strangers) {
                stranger.connect(endpoint);
                stranger.send(BrokerFixture.heartbeat(99), ZMQ.DONTWAIT);
            }
            awaitNudging(context, () -> fixture.broker.counters().refused() >= strangers.size());
            fixture.assertAnswers(worker, client);
            assertThat(fixture.fromWorkers).hasSize(1);
            for (ZMQ.Socket stranger : strangers) {
                assertThat(stranger.recv(ZMQ.DONTWAIT)).isNull();
            }
        }
    }

    @Test
    void aMessageLongerThanAgreedEndsItsConnectionAlone() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                ZContext context = new ZContext(1);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            ZMQ.Socket glutton = socketWithKey(fixture.keys, context);
            glutton.setReconnectIVL(60_000);
            glutton.connect("tcp://127.0.0.1:" + fixture.broker.workerPort());
            glutton.send(new byte[Wire.TO_DAEMON_BYTES_MAX + 1000]);
            awaitNudging(context, () -> fixture.broker.counters().refused() == 1);
            fixture.assertAnswers(worker, client);
            assertThat(fixture.fromWorkers).hasSize(1);
        }
    }

    @Test
    void messagesInSeveralPartsAreDropped() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(directory);
                ZContext context = new ZContext(1);
                Link worker = fixture.worker();
                Link client = fixture.client()) {
            ZMQ.Socket chatty = socketWithKey(fixture.keys, context);
            chatty.connect("tcp://127.0.0.1:" + fixture.broker.workerPort());
            chatty.sendMore(BrokerFixture.heartbeat(1));
            chatty.sendMore(new byte[0]);
            chatty.send(BrokerFixture.heartbeat(2));
            awaitNudging(context, () -> fixture.broker.counters().unreadable() == 1);
            fixture.assertAnswers(worker, client);
            assertThat(fixture.fromWorkers).hasSize(1);
        }
    }
}
