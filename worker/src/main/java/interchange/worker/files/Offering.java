package interchange.worker.files;

import com.google.protobuf.ByteString;
import interchange.proto.files.FileName;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Offer;
import interchange.proto.files.Piece;
import interchange.proto.files.Refused;
import interchange.proto.files.ToFiles;
import interchange.proto.files.Turn;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Offers one output to the daemon, and sends what it asks for, until it says that it has it. */
final class Offering implements Exchange {
    private static final String SHORTER = "it has become shorter since the job ended";

    private final FileName name;
    private final Made made;
    private final Opener opener;
    private final Predicate<ToFiles.Builder> sender;
    private final Consumer<Optional<Refused>> over;
    private Optional<FileChannel> channel = Optional.empty();

    /** Opens what was made. */
    interface Opener {
        FileChannel open() throws IOException;
    }

    /** A file that a job made, complete. */
    record Made(long size, byte[] sha256, long modifiedSecond, int modifiedNanos, boolean executable) {
        /** What a job that runs has printed so far. */
        static Made growing(long size) {
            return new Made(size, new byte[0], 0, 0, false);
        }
    }

    /**
     * Offers it.
     *
     * @param sender sends a message of this exchange
     * @param over told when the daemon has it (empty), or won't have it
     */
    Offering(
            FileName name,
            Made made,
            Opener opener,
            Predicate<ToFiles.Builder> sender,
            Consumer<Optional<Refused>> over) {
        this.name = name;
        this.made = made;
        this.opener = opener;
        this.sender = sender;
        this.over = over;
    }

    @Override
    public ToFiles.Builder ask() {
        return ToFiles.newBuilder()
                .setFile(name)
                .setOffer(Offer.newBuilder()
                        .setSize(made.size())
                        .setSha256(ByteString.copyFrom(made.sha256()))
                        .setModifiedEpochSecond(made.modifiedSecond())
                        .setModifiedNanos(made.modifiedNanos())
                        .setExecutable(made.executable()));
    }

    @Override
    public Next answered(FromFiles answer) {
        return switch (answer.getBodyCase()) {
            case TURN -> send(answer.getTurn());
            case TAKEN -> end(Optional.empty());
            case REFUSED -> end(Optional.of(answer.getRefused()));
            case LATER -> Next.ASK_LATER;
            case QUEUED, FOUND, PIECE, CHANGED, BODY_NOT_SET -> Next.WAIT;
        };
    }

    private Next end(Optional<Refused> refused) {
        close();
        over.accept(refused);
        return Next.OVER;
    }

    private Next send(Turn turn) {
        try {
            long end = Math.min(made.size(), turn.getOffset() + Math.min(turn.getLength(), Window.BYTES));
            for (long at = Math.max(0, turn.getOffset()); at < end; ) {
                ByteString data = read(at, (int) Math.min(Window.PIECE_BYTES, end - at));
                Piece piece = Piece.newBuilder().setOffset(at).setData(data).build();
                if (!sender.test(ToFiles.newBuilder().setFile(name).setPiece(piece))) {
                    return Next.WAIT; // the connection is gone, and with the next the offer is made again
                }
                at += data.size();
            }
            return Next.WAIT;
        } catch (IOException e) {
            return end(Optional.of(Refused.newBuilder()
                    .setReason("it can't be read any more on the node: " + e)
                    .build()));
        }
    }

    private ByteString read(long at, int length) throws IOException {
        if (channel.isEmpty()) {
            channel = Optional.of(opener.open());
        }
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.get().read(buffer, at + buffer.position()) < 0) {
                throw new IOException(SHORTER);
            }
        }
        return ByteString.copyFrom(buffer.flip());
    }

    void close() {
        channel.ifPresent(open -> {
            try {
                open.close();
            } catch (IOException e) {
                // It was only read.
                return;
            }
        });
        channel = Optional.empty();
    }
}
