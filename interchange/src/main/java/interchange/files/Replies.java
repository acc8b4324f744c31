package interchange.files;

import interchange.broker.FilesLoop;
import interchange.files.Turns.Peer;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Later;
import interchange.proto.files.Queued;
import interchange.proto.files.Refused;
import java.util.function.Consumer;

/** What is said to workers. On the files' thread. */
final class Replies {
    private final FilesLoop loop;
    private final Consumer<Peer> unreachable;

    /** @param unreachable told of whom nothing can be sent to: it asks again when it is back, and what it held is another's */
    Replies(FilesLoop loop, Consumer<Peer> unreachable) {
        this.loop = loop;
        this.unreachable = unreachable;
    }

    /** Else a worker that hears nothing for long would take its connection for dead. Nobody misses one that is lost. */
    void queued(Peer peer) {
        trySend(peer, FromFiles.newBuilder().setQueued(Queued.getDefaultInstance()));
    }

    void later(Peer peer, String why) {
        send(peer, FromFiles.newBuilder().setLater(Later.newBuilder().setReason(why)));
    }

    void refuse(Peer peer, String why) {
        send(peer, FromFiles.newBuilder().setRefused(Refused.newBuilder().setReason(why)));
    }

    void unwanted(Peer peer) {
        send(
                peer,
                FromFiles.newBuilder()
                        .setRefused(Refused.newBuilder()
                                .setReason("the daemon knows no such attempt, or it is over")
                                .setUnwanted(true)));
    }

    /** False: it could not be sent, and all that the peer had is released. */
    boolean send(Peer peer, FromFiles.Builder message) {
        if (trySend(peer, message)) {
            return true;
        }
        unreachable.accept(peer);
        return false;
    }

    private boolean trySend(Peer peer, FromFiles.Builder message) {
        return loop.send(peer.link(), message.setTransfer(peer.transfer()).build());
    }
}
