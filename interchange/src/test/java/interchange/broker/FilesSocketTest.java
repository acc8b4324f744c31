package interchange.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import interchange.proto.files.Close;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Piece;
import interchange.proto.files.ToFiles;
import interchange.wire.ConnectionFile;
import interchange.wire.Link;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

@Timeout(60)
class FilesSocketTest {
    private static final byte[] QUESTION = ToFiles.newBuilder()
            .setTransfer(1)
            .setClose(Close.getDefaultInstance())
            .build()
            .toByteArray();
    private static final FromFiles PIECE = FromFiles.newBuilder()
            .setPiece(Piece.newBuilder().setData(ByteString.copyFrom(new byte[16 * 1024])))
            .build();

    @TempDir
    Path directory;

    private Link connect(KeyStore keys, FilesSocket socket) throws Exception {
        return Link.open(
                new ConnectionFile(
                        "0.1.0",
                        List.of("127.0.0.1"),
                        socket.port(),
                        keys.server().publicKey(),
                        keys.worker().publicKey(),
                        keys.worker().secretKey()),
                BrokerFixture.LONG);
    }

    @Test
    void fewMessagesWaitForOneThatNeverReadsAndTheOthersAreServed() throws Exception {
        KeyStore keys = KeyStore.open(directory.resolve("keys"));
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        CompletableFuture<Integer> taken = new CompletableFuture<>();
        try (FilesSocket socket = FilesSocket.open("127.0.0.1", 0, keys, failure::complete);
                ZContext context = new ZContext(1);
                ZMQ.Socket glutton = HostileTest.socketWithKey(keys, context)) {
            socket.start(new FilesSocket.Receiver() {
                @Override
                public void receive(long link, ToFiles message) {
                    if (taken.isDone()) {
                        socket.send(link, PIECE);
                        return;
                    }
                    int count = 0;
                    while (count < 20_000 && socket.send(link, PIECE)) {
                        count++;
                    }
                    taken.complete(count);
                }

                @Override
                public void tick(long nowNanos) {
                    // Nothing is kept here.
                }
            });
            glutton.setRcvHWM(1);
            glutton.connect("tcp://127.0.0.1:" + socket.port());
            glutton.send(QUESTION);
            HostileTest.awaitNudging(context, taken::isDone);
            // Those, and what the kernel took meanwhile.
            assertThat(taken.join()).isBetween(1_000, 3_000);

            try (Link other = connect(keys, socket)) {
                other.send(QUESTION);
                assertThat(FromFiles.parseFrom(other.receive(BrokerFixture.LONG).orElseThrow()))
                        .isEqualTo(PIECE);
            }
            assertThat(failure).isNotDone();
        }
    }

    @Test
    void whatIsDoneNowAndThenIsDoneHoweverMuchThereIsToRead() throws Exception {
        KeyStore keys = KeyStore.open(directory.resolve("keys"));
        int messages = 5_000;
        CountDownLatch sent = new CountDownLatch(1);
        CompletableFuture<Integer> readBefore = new CompletableFuture<>();
        try (FilesSocket socket = FilesSocket.open("127.0.0.1", 0, keys, thrown -> {})) {
            socket.start(new FilesSocket.Receiver() {
                private int read;
                private long busyUntilNanos;

                @Override
                public void receive(long link, ToFiles message) {
                    if (read++ == 0) {
                        // Long enough that the time has come, with all the others behind.
                        await(sent);
                        busyUntilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
                        while (System.nanoTime() < busyUntilNanos) {
                            Thread.onSpinWait();
                        }
                    }
                }

                @Override
                public void tick(long nowNanos) {
                    if (busyUntilNanos != 0) {
                        readBefore.complete(read);
                    }
                }
            });
            try (Link link = connect(keys, socket)) {
                for (int i = 0; i < messages; i++) {
                    assertThat(link.send(QUESTION)).isTrue();
                }
                sent.countDown();
                assertThat(readBefore.get(30, TimeUnit.SECONDS)).isLessThan(messages / 2);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
