package interchange.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Of files, whose contents they are known by. */
final class Hashes {
    static final int BYTES = 32;

    private static final int BUFFER_BYTES = 1 << 20;

    private Hashes() {}

    /** Adds the first bytes of a file. */
    static void update(MessageDigest digest, FileChannel channel, long length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        for (long at = 0; at < length; ) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, length - at));
            int read = channel.read(buffer, at);
            if (read <= 0) {
                throw new IOException("the file is shorter than it was");
            }
            digest.update(buffer.flip());
            at += read;
        }
    }
}
