package interchange.daemon;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.files.Close;
import interchange.proto.files.FileName;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Look;
import interchange.proto.files.Offer;
import interchange.proto.files.Piece;
import interchange.proto.files.Read;
import interchange.proto.files.ToFiles;
import interchange.proto.files.Turn;
import interchange.proto.worker.AttemptName;
import interchange.wire.ConnectionFile;
import interchange.wire.Link;
import interchange.wire.Window;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** The worker's end of files, by hand. Belongs to the test's thread. */
final class FilesClient implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Link link;
    private long transfers;

    FilesClient(Path home) throws Exception {
        link = Link.open(
                ConnectionFile.read(home.resolve("worker.connection"))
                        .forFiles()
                        .orElseThrow(),
                PATIENCE);
    }

    static FileName file(AttemptName attempt, int number) {
        return FileName.newBuilder().setAttempt(attempt).setNumber(number).build();
    }

    static FileName log(AttemptName attempt, FileName.Log log) {
        return FileName.newBuilder().setAttempt(attempt).setLog(log).build();
    }

    static byte[] sha256(byte[] content) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(content);
    }

    static Offer offer(byte[] content) throws Exception {
        return Offer.newBuilder()
                .setSize(content.length)
                .setSha256(ByteString.copyFrom(sha256(content)))
                .setModifiedEpochSecond(1_700_000_000)
                .setModifiedNanos(123_000)
                .build();
    }

    long newTransfer() {
        return ++transfers;
    }

    void send(ToFiles.Builder message) {
        link.send(message.build().toByteArray());
    }

    Optional<FromFiles> hear(Duration patience) {
        return link.receive(patience).map(bytes -> {
            try {
                return FromFiles.parseFrom(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** The next that says something. */
    FromFiles hear() {
        FromFiles answer;
        do {
            answer = hear(PATIENCE).orElseThrow(() -> new AssertionError("no answer"));
        } while (answer.hasQueued());
        return answer;
    }

    FromFiles ask(FileName file, ToFiles.Builder message) {
        send(message.setFile(file).setTransfer(newTransfer()));
        return hear();
    }

    FromFiles look(FileName file) {
        return ask(file, ToFiles.newBuilder().setLook(Look.getDefaultInstance()));
    }

    FromFiles offer(FileName file, Offer offer) {
        return ask(file, ToFiles.newBuilder().setOffer(offer));
    }

    FromFiles read(FileName file, ByteString sha256, long offset) {
        return ask(
                file,
                ToFiles.newBuilder().setRead(Read.newBuilder().setSha256(sha256).setOffset(offset)));
    }

    void piece(long transfer, FileName file, long offset, byte[] data) {
        send(ToFiles.newBuilder()
                .setTransfer(transfer)
                .setFile(file)
                .setPiece(Piece.newBuilder().setOffset(offset).setData(ByteString.copyFrom(data))));
    }

    void close(long transfer) {
        send(ToFiles.newBuilder().setTransfer(transfer).setClose(Close.getDefaultInstance()));
    }

    /** All of it from there on, as a worker would. */
    byte[] download(FileName file, Found found, long from) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long transfer = newTransfer();
        while (from + all.size() < found.getSize()) {
            long window = from + all.size();
            send(ToFiles.newBuilder()
                    .setTransfer(transfer)
                    .setFile(file)
                    .setRead(Read.newBuilder().setSha256(found.getSha256()).setOffset(window)));
            long end = Math.min(found.getSize(), window + Window.BYTES);
            while (from + all.size() < end) {
                FromFiles answer = hear();
                if (!answer.hasPiece() || answer.getPiece().getOffset() != from + all.size()) {
                    throw new AssertionError("no next piece: " + answer.getBodyCase());
                }
                all.writeBytes(answer.getPiece().getData().toByteArray());
            }
        }
        close(transfer);
        return all.toByteArray();
    }

    /** Sends what is asked for, for so many windows; returns the first answer that asks for nothing, or the last. */
    FromFiles upload(FileName file, byte[] content, Offer offer, int windows) {
        FromFiles answer = offer(file, offer);
        for (int i = 0; i < windows && answer.hasTurn(); i++) {
            sendWindow(answer.getTransfer(), file, content, answer.getTurn());
            answer = hear();
        }
        return answer;
    }

    void sendWindow(long transfer, FileName file, byte[] content, Turn turn) {
        long end = turn.getOffset() + turn.getLength();
        for (long at = turn.getOffset(); at < end; at += Window.PIECE_BYTES) {
            piece(transfer, file, at, Arrays.copyOfRange(content, (int) at, (int)
                    Math.min(end, at + Window.PIECE_BYTES)));
        }
    }

    @Override
    public void close() {
        link.close();
    }
}
