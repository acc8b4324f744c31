package interchange.worker.files;

import interchange.proto.files.FromFiles;
import interchange.proto.files.ToFiles;

/** A question to the daemon about one file, asked again until it is answered. On the courier's thread. */
interface Exchange {
    /** What to ask now; also after a reconnect. */
    ToFiles.Builder ask();

    /** What comes of an answer. */
    Next answered(FromFiles answer);

    /** How it goes on. */
    enum Next {
        /** Ask at once. */
        ASK,
        /** More of the answer is to come. */
        WAIT,
        /** Ask in a while. */
        ASK_LATER,
        OVER
    }
}
