package interchange.files;

import com.google.protobuf.ByteString;
import interchange.shared.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;

/**
 * One output on its way: what has come is in a file beside its place, in order and without gaps. Used by one thread at a
 * time: that of files while pieces come, that of placing before and after.
 */
final class Upload {
    final Key key;
    final Offered offered;
    private final Path place;
    private final Path partial;
    private Optional<FileChannel> channel;
    private Optional<IOException> trouble = Optional.empty();
    private MessageDigest digest;
    private long offset;
    private int damaged;

    private Upload(Key key, Offered offered, Path place, FileChannel channel, MessageDigest digest, long offset) {
        this.key = key;
        this.offered = offered;
        this.place = place;
        this.partial = Partials.of(key, place);
        this.channel = Optional.of(channel);
        this.digest = digest;
        this.offset = offset;
    }

    /** Goes on with what an earlier connection, or an earlier daemon, has brought. */
    static Upload open(Key key, Offered offered, Path place) throws IOException {
        FileChannel channel = FileChannel.open(
                Partials.of(key, place),
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            MessageDigest digest = Sha256.digest();
            long length = channel.size();
            if (length > offered.size()) {
                channel.truncate(0);
                length = 0;
            }
            if (!offered.grows()) {
                // Else once a second, for nothing.
                Hashes.update(digest, channel, length);
            }
            return new Upload(key, offered, place, channel, digest, length);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    long offset() {
        return offset;
    }

    Path place() {
        return place;
    }

    Path partial() {
        return partial;
    }

    boolean isComplete() {
        return offset == offered.size();
    }

    /** On a failure nothing of the piece counts. */
    void append(ByteString data) throws IOException {
        FileChannel to = channel();
        ByteBuffer bytes = data.asReadOnlyByteBuffer();
        long at = offset;
        while (bytes.hasRemaining()) {
            at += to.write(bytes, at);
        }
        digest.update(data.asReadOnlyByteBuffer());
        offset = at;
    }

    /** Whether all that has come is what was offered; if not, it begins anew. */
    boolean isRight() throws IOException {
        if (MessageDigest.isEqual(digest.digest(), offered.sha256())) {
            return true;
        }
        damaged++;
        channel().truncate(0);
        digest = Sha256.digest();
        offset = 0;
        return false;
    }

    /** How often it was not. */
    int damaged() {
        return damaged;
    }

    void force() throws IOException {
        channel().force(true);
    }

    /** Closes it until something is to be written. Network file systems may tell only now that they could not write. */
    void pause() {
        try {
            close();
        } catch (IOException e) {
            trouble = Optional.of(e);
        }
    }

    private FileChannel channel() throws IOException {
        if (trouble.isPresent()) {
            throw trouble.get();
        }
        if (channel.isEmpty()) {
            channel = Optional.of(FileChannel.open(partial, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        }
        return channel.get();
    }

    /** What has come stays, for a later offer. Throws as well what a pause has met. */
    void close() throws IOException {
        Optional<FileChannel> present = channel;
        channel = Optional.empty();
        if (present.isPresent()) {
            present.get().close();
        }
        if (trouble.isPresent()) {
            throw trouble.get();
        }
    }

    void discard() throws IOException {
        Files.deleteIfExists(partial);
        close();
    }
}
