package interchange.daemon;

import interchange.broker.Broker;
import interchange.broker.WorkerCodec;
import interchange.proto.control.Request;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.Refused;
import interchange.proto.worker.ToWorker;
import interchange.wire.Version;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where the broker brings messages. On its thread, which waits while the inbox is full. */
final class Reception implements Broker.Receiver {
    private final Inbox inbox;
    private final Version version;

    /** What comes before all is in place waits for it. */
    private final CompletableFuture<Ready> ready = new CompletableFuture<>();

    private record Ready(Broker broker, Requests requests) {}

    Reception(Inbox inbox, Version version) {
        this.inbox = inbox;
        this.version = version;
    }

    void open(Broker broker, Requests requests) {
        ready.complete(new Ready(broker, requests));
    }

    @Override
    public void fromWorker(long link, FromWorker message) {
        Broker broker = ready.join().broker();
        if (message.hasHello()) {
            Optional<String> stranger =
                    version.refusal("worker", message.getHello().getVersion());
            if (stranger.isPresent()) {
                Refused refused = Refused.newBuilder().setReason(stranger.get()).build();
                broker.send(link, ToWorker.newBuilder().setRefused(refused).build());
                return;
            }
        }
        WorkerCodec.events(link, message).forEach(inbox::put);
    }

    @Override
    public void fromClient(long link, Request message) {
        ready.join().requests().receive(link, message);
    }
}
