package interchange.worker.files;

import interchange.shared.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/** Of files, whose contents they are known by. */
final class Hashes {
    private static final int BUFFER_BYTES = 256 * 1024;

    private Hashes() {}

    /** Of all that is in it. */
    static byte[] of(FileChannel channel) throws IOException {
        MessageDigest digest = Sha256.digest();
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
