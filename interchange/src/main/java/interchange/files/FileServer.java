package interchange.files;

import com.google.protobuf.ByteString;
import interchange.broker.FilesSocket;
import interchange.files.Turns.Peer;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JournalReader;
import interchange.proto.files.Changed;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Later;
import interchange.proto.files.Offer;
import interchange.proto.files.Piece;
import interchange.proto.files.Queued;
import interchange.proto.files.Read;
import interchange.proto.files.Refused;
import interchange.proto.files.Taken;
import interchange.proto.files.ToFiles;
import interchange.proto.files.Turn;
import interchange.shared.Reasons;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers workers about files. All on the thread of the files' socket. */
public final class FileServer implements FilesSocket.Receiver {
    private static final Logger LOG = LoggerFactory.getLogger(FileServer.class);
    /** Workers try again every few seconds; when none of them has met it for so long, it is over. */
    private static final long TROUBLE_LASTS_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long SWEEP_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final FilesSocket socket;
    private final Permits permits;
    private final Inputs inputs;
    private final Windows windows = new Windows();
    private final Turns turns = new Turns(System::nanoTime);
    private final Placer placer;
    private final Partials partials;
    private final Executor placing;
    private final Troubled trouble;
    private final Map<Peer, Upload> uploads = new HashMap<>();
    /** Whose upload is being opened or placed: an offer that comes meanwhile is answered when that is done. */
    private final Map<Key, Peer> busy = new HashMap<>();

    private final Map<Key, Peer> owners = new HashMap<>();
    private OptionalLong troubledNanos = OptionalLong.empty();
    private long nextSweepNanos;

    /**
     * What it works with.
     *
     * @param reader of this thread's own
     * @param placingReader of the placing thread's own
     * @param notes a directory for what is known of unfinished outputs
     */
    public FileServer(
            FilesSocket socket,
            JournalReader reader,
            JournalReader placingReader,
            EnvironmentFiles environments,
            Path notes,
            Executor hashing,
            Executor placing,
            Troubled trouble) {
        this.socket = socket;
        this.placing = placing;
        this.trouble = trouble;
        permits = new Permits(reader, environments);
        partials = new Partials(notes);
        inputs = new Inputs(hashing, socket);
        placer = new Placer(new Permits(placingReader, environments), partials);
        nextSweepNanos = System.nanoTime();
    }

    @Override
    public void receive(long link, ToFiles message) {
        if (message.hasClose()) {
            release(new Peer(link, message.getTransfer()));
            return;
        }
        Optional<Key> key = Key.of(message.getFile());
        if (key.isEmpty() || message.getTransfer() <= 0 || !Soundness.isSound(message)) {
            socket.unsound();
            return;
        }
        Peer peer = new Peer(link, message.getTransfer());
        switch (message.getBodyCase()) {
            case LOOK -> onLook(peer, key.get());
            case READ -> onRead(peer, key.get(), message.getRead());
            case OFFER -> onOffer(peer, key.get(), message.getOffer());
            case PIECE -> onPiece(peer, message.getPiece());
            case CLOSE, BODY_NOT_SET -> throw new IllegalStateException("dealt with above");
        }
    }

    // ---- inputs

    private void onLook(Peer peer, Key key) {
        Optional<Permit> permit = permits.of(key);
        if (permit.isEmpty()) {
            unwanted(peer);
            return;
        }
        switch (permit.get()) {
            case Permit.Input(Path path) -> {
                if (!inputs.look(path, peer, answer -> onLooked(peer, answer))) {
                    queued(peer);
                }
            }
            case Permit.Output(Path path, int _) -> found(peer, path);
            case Permit.Log(Path path, int _, int _) -> found(peer, path);
        }
    }

    private void found(Peer peer, Path place) {
        Optional<String> obstacle = Placer.obstacle(place);
        if (obstacle.isPresent()) {
            refuse(peer, obstacle.get());
        } else {
            send(peer, FromFiles.newBuilder().setFound(Found.getDefaultInstance()));
        }
    }

    private void onLooked(Peer peer, Inputs.Answer answer) {
        switch (answer) {
            case Inputs.Answer.Found(Inputs.Known known) ->
                send(
                        peer,
                        FromFiles.newBuilder()
                                .setFound(Found.newBuilder()
                                        .setSize(known.version().size())
                                        .setSha256(ByteString.copyFrom(known.sha256()))));
            case Inputs.Answer.Absent(String why) -> refuse(peer, why);
            case Inputs.Answer.NotNow(String why) -> later(peer, why);
        }
    }

    /** What is not known by its hash was looked at by an earlier daemon: the worker looks again. */
    private void onRead(Peer peer, Key key, Read read) {
        Optional<Permit> permit = permits.of(key);
        if (permit.isPresent() && permit.get() instanceof Permit.Input(Path path)) {
            if (turns.isWaiting(peer)) {
                queued(peer);
            }
            if (!turns.ask(peer, () -> sendWindow(peer, path, read))) {
                later(peer, "too many files are on their way");
            }
        } else {
            turns.end(peer);
            unwanted(peer);
        }
    }

    private void sendWindow(Peer peer, Path path, Read read) {
        try {
            Optional<Inputs.Version> version =
                    inputs.version(path, read.getSha256().toByteArray());
            if (version.isEmpty() || read.getOffset() >= version.get().size()) {
                turns.end(peer);
                send(peer, FromFiles.newBuilder().setChanged(Changed.getDefaultInstance()));
                return;
            }
            for (Piece piece : windows.read(path, version.get(), read.getOffset())) {
                send(peer, FromFiles.newBuilder().setPiece(piece));
            }
        } catch (IOException e) {
            turns.end(peer);
            if (DiskTrouble.isPassing(e)) {
                later(peer, "can't read " + path + ": " + Reasons.of(e));
            } else {
                send(peer, FromFiles.newBuilder().setChanged(Changed.getDefaultInstance()));
            }
        }
    }

    // ---- outputs

    private void onOffer(Peer peer, Key key, Offer offer) {
        Offered offered = Offered.of(offer);
        if (busy.containsKey(key)) {
            busy.put(key, peer);
            queued(peer);
            return;
        }
        Peer owner = owners.get(key);
        if (owner != null) {
            Upload upload = uploads.get(owner);
            if (upload != null && owner.equals(peer) && upload.offered.isSameAs(offered)) {
                if (turns.isWaiting(peer)) {
                    queued(peer);
                } else {
                    askForMore(peer, upload);
                }
                return;
            }
            release(owner);
        }
        work(key, peer, () -> placer.open(key, offered));
    }

    /** Another connection of the worker goes on with it, or it is another content. */
    private void release(Peer owner) {
        turns.end(owner);
        Upload upload = uploads.remove(owner);
        if (upload != null) {
            owners.remove(upload.key);
            try {
                upload.close();
            } catch (IOException e) {
                LOG.debug("closing {}", upload.partial(), e);
            }
        }
    }

    private interface Work {
        Placer.Result get();
    }

    private void work(Key key, Peer peer, Work work) {
        busy.put(key, peer);
        try {
            placing.execute(() -> {
                try {
                    Placer.Result result = work.get();
                    socket.post(() -> onResult(key, result));
                } catch (RuntimeException e) {
                    socket.fail(e);
                }
            });
        } catch (RejectedExecutionException e) {
            busy.remove(key);
            later(peer, "too many outputs are coming in");
        }
    }

    private void onResult(Key key, Placer.Result result) {
        Peer peer = busy.remove(key);
        if (peer == null) {
            throw new IllegalStateException("nobody had asked about " + key);
        }
        switch (result) {
            case Placer.Result.Opened(Upload upload) -> begin(peer, upload);
            case Placer.Result.Damaged(Upload upload) -> {
                LOG.warn("{} arrived damaged, and is to come again", upload.place());
                begin(peer, upload);
            }
            case Placer.Result.Placed() -> {
                send(peer, FromFiles.newBuilder().setTaken(Taken.getDefaultInstance()));
            }
            case Placer.Result.NotNow(String why) -> troubled(peer, why);
            case Placer.Result.Refused(String why) -> refuse(peer, why);
            case Placer.Result.Unwanted() -> unwanted(peer);
        }
    }

    private void begin(Peer peer, Upload upload) {
        uploads.put(peer, upload);
        owners.put(upload.key, peer);
        askForMore(peer, upload);
    }

    private void askForMore(Peer peer, Upload upload) {
        if (upload.isComplete()) {
            turns.end(peer);
            uploads.remove(peer);
            owners.remove(upload.key);
            work(upload.key, peer, () -> placer.place(upload));
        } else if (!turns.ask(peer, () -> giveTurn(peer, upload))) {
            later(peer, "too many files are on their way");
        }
    }

    private void giveTurn(Peer peer, Upload upload) {
        send(
                peer,
                FromFiles.newBuilder()
                        .setTurn(Turn.newBuilder()
                                .setOffset(upload.offset())
                                .setLength(windowEnd(upload) - upload.offset())));
    }

    /** Windows are where they are, whoever asked for them: one that was resumed in the middle is shorter. */
    private static long windowEnd(Upload upload) {
        return Math.min((upload.offset() / Window.BYTES + 1) * Window.BYTES, upload.offered.size());
    }

    /** Only in a turn, and only in order: all else was sent twice, or is late, and comes again when asked for. */
    private void onPiece(Peer peer, Piece piece) {
        Upload upload = uploads.get(peer);
        if (upload == null || !turns.has(peer) || piece.getOffset() != upload.offset()) {
            return;
        }
        long end = windowEnd(upload);
        if (piece.getData().isEmpty() || upload.offset() + piece.getData().size() > end) {
            socket.unsound();
            return;
        }
        try {
            upload.append(piece.getData());
        } catch (IOException e) {
            release(peer);
            troubled(peer, "can't write " + upload.place() + ": " + Reasons.of(e));
            return;
        }
        turns.moved(peer);
        if (upload.offset() == end) {
            askForMore(peer, upload);
        }
    }

    // ---- now and then

    @Override
    public void tick(long now) {
        turns.expire(now).forEach(this::release);
        if (troubledNanos.isPresent() && now - troubledNanos.getAsLong() > TROUBLE_LASTS_NANOS) {
            troubledNanos = OptionalLong.empty();
            trouble.end();
        }
        if (now - nextSweepNanos >= 0) {
            nextSweepNanos = now + SWEEP_NANOS;
            partials.sweep(key -> permits.isOpen(key.attempt()));
            try {
                windows.forgetAll();
            } catch (IOException e) {
                LOG.debug("closing inputs", e);
            }
        }
    }

    // ---- answers

    private void troubled(Peer peer, String why) {
        if (troubledNanos.isEmpty()) {
            LOG.warn("Outputs of jobs wait: {}", why);
        }
        troubledNanos = OptionalLong.of(System.nanoTime());
        trouble.begin(why + "; jobs with outputs wait until it can be written");
        later(peer, why);
    }

    /** Else a worker that hears nothing for long would take its connection for dead. */
    private void queued(Peer peer) {
        send(peer, FromFiles.newBuilder().setQueued(Queued.getDefaultInstance()));
    }

    private void later(Peer peer, String why) {
        send(peer, FromFiles.newBuilder().setLater(Later.newBuilder().setReason(why)));
    }

    private void refuse(Peer peer, String why) {
        send(peer, FromFiles.newBuilder().setRefused(Refused.newBuilder().setReason(why)));
    }

    private void unwanted(Peer peer) {
        send(
                peer,
                FromFiles.newBuilder()
                        .setRefused(Refused.newBuilder()
                                .setReason("the daemon knows no such attempt, or it is over")
                                .setUnwanted(true)));
    }

    /** A connection that has gone asks again when it is back; its turn is another's. */
    private void send(Peer peer, FromFiles.Builder message) {
        if (!socket.send(peer.link(), message.setTransfer(peer.transfer()).build())) {
            turns.end(peer);
        }
    }
}
