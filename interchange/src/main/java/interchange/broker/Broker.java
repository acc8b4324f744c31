package interchange.broker;

import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.ToWorker;

/** The daemon's two encrypted sockets. Its methods may be called from any thread. */
public interface Broker extends AutoCloseable {

    /** Queues a message for a worker's connection; dropped and counted when that is gone. */
    void send(long link, ToWorker message);

    /** Queues a message for a client's connection; dropped and counted when that is gone. */
    void send(long link, Response message);

    int workerPort();

    int controlPort();

    Counters counters();

    @Override
    void close();

    /** Where messages go; called on the broker's thread. When it blocks, the sockets are not read. */
    interface Receiver {
        void fromWorker(long link, FromWorker message);

        void fromClient(long link, Request message);
    }

    /**
     * What was thrown away since the start.
     *
     * @param unreadable messages that could not be parsed or were too long
     * @param refused handshakes without a known key
     * @param undeliverable messages to connections that are gone
     */
    record Counters(long unreadable, long refused, long undeliverable) {
        public Counters plus(Counters other) {
            return new Counters(
                    unreadable + other.unreadable, refused + other.refused, undeliverable + other.undeliverable);
        }
    }
}
