package interchange.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a command prints, read by a thread of its own, up to a limit. */
final class BoundedOutput {
    /** A queue of ten thousand blocks is a megabyte; what prints more has gone wrong. */
    static final int BYTES_MAX = 16 << 20;

    private static final int PIECE = 1 << 14;

    private final InputStream pipe;
    private final Runnable onTooLong;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Thread reader;
    private volatile boolean tooLong;

    private BoundedOutput(InputStream pipe, Runnable onTooLong) {
        this.pipe = pipe;
        this.onTooLong = onTooLong;
        this.reader = Thread.ofPlatform().daemon().name("batch-output").unstarted(this::readAll);
    }

    static BoundedOutput read(InputStream pipe, Runnable onTooLong) {
        BoundedOutput output = new BoundedOutput(pipe, onTooLong);
        output.reader.start();
        return output;
    }

    private void readAll() {
        byte[] piece = new byte[PIECE];
        try {
            for (int length = pipe.read(piece); length >= 0; length = pipe.read(piece)) {
                if (!take(piece, length)) {
                    onTooLong.run();
                    return;
                }
            }
        } catch (IOException closed) {
            // By us, when it was waited for long enough.
        }
    }

    private boolean take(byte[] piece, int length) {
        if (bytes.size() + length > BYTES_MAX) {
            tooLong = true;
            return false;
        }
        bytes.write(piece, 0, length); // synchronized by its class
        return true;
    }

    boolean tooLong() {
        return tooLong;
    }

    /** All that was printed until the pipe's other end was closed, or this time was over. */
    String text(Duration atMost) {
        boolean interrupted = false;
        try {
            reader.join(atMost);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
