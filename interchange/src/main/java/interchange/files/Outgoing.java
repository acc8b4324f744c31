package interchange.files;

import com.google.protobuf.ByteString;
import interchange.files.Turns.Peer;
import interchange.proto.files.Changed;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Piece;
import interchange.proto.files.Read;
import interchange.shared.Reasons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves inputs, window by window. On the files' thread. */
final class Outgoing {
    private static final Logger LOG = LoggerFactory.getLogger(Outgoing.class);

    private final Inputs inputs;
    private final Turns turns;
    private final Replies replies;
    private final Windows windows = new Windows();

    Outgoing(Inputs inputs, Turns turns, Replies replies) {
        this.inputs = inputs;
        this.turns = turns;
        this.replies = replies;
    }

    void onLook(Peer peer, Path path) {
        if (!inputs.look(path, peer, answer -> onLooked(peer, answer))) {
            replies.queued(peer);
        }
    }

    private void onLooked(Peer peer, Inputs.Answer answer) {
        switch (answer) {
            case Inputs.Answer.Found(Inputs.Known known) ->
                replies.send(
                        peer,
                        FromFiles.newBuilder()
                                .setFound(Found.newBuilder()
                                        .setSize(known.version().size())
                                        .setSha256(ByteString.copyFrom(known.sha256()))));
            case Inputs.Answer.Absent(String why) -> replies.refuse(peer, why);
            case Inputs.Answer.NotNow(String why) -> replies.later(peer, why);
        }
    }

    /** What is not known by its hash was looked at by an earlier daemon: the worker looks again. */
    void onRead(Peer peer, Path path, Read read) {
        if (turns.isWaiting(peer)) {
            replies.queued(peer);
        }
        if (!turns.ask(peer, () -> sendWindow(peer, path, read))) {
            replies.later(peer, Turns.TOO_MANY);
        }
    }

    private void sendWindow(Peer peer, Path path, Read read) {
        try {
            Optional<Inputs.Version> version =
                    inputs.version(path, read.getSha256().toByteArray());
            if (version.isEmpty() || read.getOffset() >= version.get().size()) {
                turns.end(peer);
                replies.send(peer, FromFiles.newBuilder().setChanged(Changed.getDefaultInstance()));
                return;
            }
            for (Piece piece : windows.read(path, version.get(), read.getOffset())) {
                if (!replies.send(peer, FromFiles.newBuilder().setPiece(piece))) {
                    return;
                }
            }
        } catch (IOException e) {
            turns.end(peer);
            if (DiskTrouble.isPassing(e)) {
                replies.later(peer, "can't read " + path + ": " + Reasons.of(e));
            } else {
                replies.send(peer, FromFiles.newBuilder().setChanged(Changed.getDefaultInstance()));
            }
        }
    }

    /** Files that nobody reads any more can be unmounted or deleted. */
    void sweep() {
        try {
            windows.forgetAll();
        } catch (IOException e) {
            LOG.debug("closing inputs", e);
        }
    }
}
