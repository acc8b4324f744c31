package interchange.worker.files;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/** What arrivals and returns have in common: the daemon, the disk, the clock and who is told. */
interface Desk {
    /** Something done on the disk's thread. */
    interface StoreWork<T> {
        T with(Store store) throws IOException;
    }

    /** Opens the store if need be, on the disk's thread; what comes of it is told on the courier's. */
    <T> void withStore(StoreWork<T> work, Consumer<T> done, Consumer<IOException> failed);

    /** Once something was done with it. */
    Store store();

    Talks talks();

    void tell(News news);

    void later(Duration delay, Runnable work);

    /** Removes a directory, after what is being done there. */
    void remove(Folder folder);

    /** Whether the cache could give some back to a full disk. */
    boolean makesRoom();
}
