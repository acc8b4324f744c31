package interchange.worker.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The one hash that files are known by. */
final class Hashes {
    private static final int BUFFER_BYTES = 256 * 1024;

    private Hashes() {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Of all that is in it. */
    static byte[] of(FileChannel channel) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        for (long at = 0; ; ) {
            int read = channel.read(buffer.clear(), at);
            if (read < 0) {
                return digest.digest();
            }
            digest.update(buffer.flip());
            at += read;
        }
    }
}
