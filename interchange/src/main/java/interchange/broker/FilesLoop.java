package interchange.broker;

import interchange.proto.files.FromFiles;

/** The socket for files, as those see it who answer on its thread. */
public interface FilesLoop {
    /** On the socket's thread only. False when the link is gone or its queue full: it will ask again. */
    boolean send(long link, FromFiles message);

    /** Has something done on the socket's thread; from any thread. */
    void post(Runnable work);

    /** Counts a message that can't be meant. */
    void unsound();

    /** Ends it all: a fault of ours, on whatever thread. */
    void fail(Throwable thrown);
}
