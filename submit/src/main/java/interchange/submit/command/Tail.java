package interchange.submit.command;

import interchange.proto.control.JobRow;
import java.io.IOException;
import java.io.OutputStream;

/** What an attempt prints, wherever it does: it may grow, and may not be there yet. */
abstract sealed class Tail implements AutoCloseable permits FileTail, PackTail, StreamTail {
    /** How much of what it prints was copied, by this and by whom it goes on for. */
    long copied;

    /** Whether there is anything yet, be it empty. */
    abstract boolean exists() throws IOException;

    /**
     * Copies what has come since the last time.
     *
     * @param ended whether all of it must be there
     * @return whether there was anything
     */
    abstract boolean copyTo(OutputStream out, boolean ended) throws IOException;

    /** Of one that has ended: whether nothing can be missing any more. */
    abstract boolean isWhole() throws IOException;

    final long copied() {
        return copied;
    }

    /** Goes on for another that has copied so much. Before its first copy. */
    final void goOnFrom(long bytes) {
        copied = bytes;
    }

    /** Takes what is known by now of the attempt. */
    void learn(JobRow attempt) {
        // Most need nothing of it.
    }

    @Override
    public abstract void close();
}
