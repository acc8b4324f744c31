package interchange.submit.command;

import interchange.proto.control.JobRow;
import java.io.IOException;
import java.io.OutputStream;

/** What an attempt prints, wherever it does: it may grow, and may not be there yet. */
sealed interface Tail extends AutoCloseable permits FileTail, PackTail, StreamTail {
    /** Whether there is anything yet, be it empty. */
    boolean exists() throws IOException;

    /**
     * Copies what has come since the last time.
     *
     * @param ended whether all of it must be there
     * @return whether there was anything
     */
    boolean copyTo(OutputStream out, boolean ended) throws IOException;

    /** How much of what it prints was copied, by this and by whom it goes on for. */
    long copied();

    /** Goes on for another that has copied so much. Before its first copy. */
    void goOnFrom(long bytes);

    /** Of one that has ended: whether nothing can be missing any more. */
    boolean isWhole() throws IOException;

    /** Takes what is known by now of the attempt. */
    default void learn(JobRow attempt) {
        // Most need nothing of it.
    }

    @Override
    void close();
}
