package interchange.worker.files;

import com.google.protobuf.ByteString;
import interchange.proto.files.FileName;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Piece;
import interchange.proto.files.Read;
import interchange.proto.files.ToFiles;
import interchange.shared.Sha256;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Fetches one content, once for all jobs that want it; goes on where it was after whatever has come between. */
final class Download implements Exchange {
    private final String hash;
    private final byte[] sha256;
    private final long size;
    private final FileChannel channel;
    private final Owner owner;
    private final MessageDigest digest = Sha256.digest();
    private FileName source;
    private long received;
    private long windowEnd;

    /** Who wants it. */
    interface Owner {
        /** All of it is there. @param right whether it is what was announced */
        void complete(Download download, boolean right);

        /** The file is another by now. */
        void changed(Download download);

        void refused(Download download, String why);

        void notNow(Download download, String why);

        /** It can't be written here; how to go on. */
        Next stuck(Download download, IOException why);
    }

    /** @param source a file that has this content, by an attempt that may have it */
    Download(String hash, byte[] sha256, long size, FileName source, FileChannel channel, Owner owner) {
        this.hash = hash;
        this.sha256 = sha256.clone();
        this.size = size;
        this.source = source;
        this.channel = channel;
        this.owner = owner;
    }

    String hash() {
        return hash;
    }

    long size() {
        return size;
    }

    FileName source() {
        return source;
    }

    /** The attempt that it was fetched for may be over while others want it. */
    void from(FileName other) {
        source = other;
    }

    @Override
    public ToFiles.Builder ask() {
        windowEnd = Math.min(size, received + Window.BYTES);
        return ToFiles.newBuilder()
                .setFile(source)
                .setRead(
                        Read.newBuilder().setSha256(ByteString.copyFrom(sha256)).setOffset(received));
    }

    @Override
    public Next answered(FromFiles answer) {
        return switch (answer.getBodyCase()) {
            case PIECE -> take(answer.getPiece());
            case CHANGED -> {
                owner.changed(this);
                yield Next.OVER;
            }
            case REFUSED -> {
                owner.refused(this, answer.getRefused().getReason());
                yield Next.OVER;
            }
            case LATER -> {
                owner.notNow(this, answer.getLater().getReason());
                yield Next.ASK_LATER;
            }
            case QUEUED, FOUND, TURN, TAKEN, BODY_NOT_SET -> Next.WAIT;
        };
    }

    /** What is not the next piece has been here, or comes again when asked for. */
    private Next take(Piece piece) {
        ByteString data = piece.getData();
        if (piece.getOffset() != received || data.isEmpty() || received + data.size() > size) {
            return Next.WAIT;
        }
        try {
            write(data);
        } catch (IOException e) {
            return owner.stuck(this, e);
        }
        if (received == size) {
            finish();
            return Next.OVER;
        }
        return received >= windowEnd ? Next.ASK : Next.WAIT;
    }

    private void write(ByteString data) throws IOException {
        ByteBuffer bytes = data.asReadOnlyByteBuffer();
        long at = received;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
        digest.update(data.asReadOnlyByteBuffer());
        received = at;
    }

    /** Also of one that is empty, for which nobody need be asked. */
    void finish() {
        owner.complete(this, MessageDigest.isEqual(digest.digest(), sha256));
    }

    boolean isEmpty() {
        return size == 0;
    }

    void close() throws IOException {
        channel.close();
    }
}
