package interchange.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command prints, up to a limit. It is read without ever waiting for more: something that the command left behind
 * may hold the pipe open for days, and whoever waited for its end would be lost.
 */
final class BoundedOutput {
    /** A queue of ten thousand blocks is a megabyte; what prints more has gone wrong. */
    static final int BYTES_MAX = 16 << 20;

    private static final int PIECE = 1 << 16;

    private final InputStream pipe;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final byte[] piece = new byte[PIECE];
    private boolean tooLong;

    BoundedOutput(InputStream pipe) {
        this.pipe = pipe;
    }

    /** Takes what is there; false when there is nothing. What a process has printed before its end is there after it. */
    boolean take() {
        boolean any = false;
        try {
            while (!tooLong && pipe.available() > 0) {
                int length = pipe.read(piece, 0, Math.min(PIECE, pipe.available()));
                any = true;
                take(length);
            }
        } catch (IOException closed) {
            // By its end: there is no more.
        }
        return any;
    }

    private void take(int length) {
        if (bytes.size() + length > BYTES_MAX) {
            tooLong = true;
        } else if (length > 0) {
            bytes.write(piece, 0, length);
        }
    }

    boolean tooLong() {
        return tooLong;
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
