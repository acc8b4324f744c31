package interchange.files;

import interchange.broker.FilesLoop;
import interchange.broker.FilesSocket;
import interchange.core.AttemptId;
import interchange.files.Turns.Peer;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JournalReader;
import interchange.proto.files.Read;
import interchange.proto.files.ToFiles;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Answers workers about files: whose message it is, and about what. All on the thread of the files' socket. */
public final class FileServer implements FilesSocket.Receiver {
    private static final long SWEEP_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final FilesLoop loop;
    private final Permits permits;
    private final Partials partials;
    private final Turns turns;
    private final Replies replies;
    private final Outgoing outgoing;
    private final Incoming incoming;
    private long nextSweepNanos;

    /**
     * What it works with.
     *
     * @param reader of this thread's own
     * @param placingReader of the placing thread's own
     * @param notes a directory for what is known of unfinished outputs
     */
    public FileServer(
            FilesLoop loop,
            JournalReader reader,
            JournalReader placingReader,
            EnvironmentFiles environments,
            Path notes,
            Executor hashing,
            Executor placing,
            Troubled trouble) {
        this(
                loop,
                new JournalPermits(reader, environments),
                new JournalPermits(placingReader, environments),
                notes,
                hashing,
                placing,
                trouble,
                System::nanoTime);
    }

    FileServer(
            FilesLoop loop,
            Permits permits,
            Permits placingPermits,
            Path notes,
            Executor hashing,
            Executor placing,
            Troubled trouble,
            LongSupplier nanoTime) {
        this.loop = loop;
        this.permits = permits;
        partials = new Partials(notes);
        turns = new Turns(nanoTime);
        replies = new Replies(loop, this::release);
        outgoing = new Outgoing(new Inputs(hashing, loop), turns, replies);
        incoming = new Incoming(loop, new Placer(placingPermits, partials), placing, turns, replies, trouble);
        nextSweepNanos = nanoTime.getAsLong();
    }

    @Override
    public void receive(long link, ToFiles message) {
        if (message.hasClose()) {
            release(new Peer(link, message.getTransfer()));
            return;
        }
        Optional<Key> key = Key.of(message.getFile());
        if (key.isEmpty() || message.getTransfer() <= 0 || !Soundness.isSound(message)) {
            loop.unsound();
            return;
        }
        Peer peer = new Peer(link, message.getTransfer());
        switch (message.getBodyCase()) {
            case LOOK -> onLook(peer, key.get());
            case READ -> onRead(peer, key.get(), message.getRead());
            case OFFER -> incoming.onOffer(peer, key.get(), Offered.of(message.getOffer()));
            case PIECE -> incoming.onPiece(peer, message.getPiece());
            case CLOSE, BODY_NOT_SET -> throw new IllegalStateException("dealt with above");
        }
    }

    private void onLook(Peer peer, Key key) {
        Optional<Permit> permit = permits.of(key);
        if (permit.isEmpty()) {
            replies.unwanted(peer);
            return;
        }
        switch (permit.get()) {
            case Permit.Input(Path path) -> outgoing.onLook(peer, path);
            case Permit.Output(Path path, int _) -> incoming.onLook(peer, path);
            case Permit.Log log -> incoming.onLook(peer, log.path());
        }
    }

    private void onRead(Peer peer, Key key, Read read) {
        Optional<Permit> permit = permits.of(key);
        if (permit.isPresent() && permit.get() instanceof Permit.Input(Path path)) {
            outgoing.onRead(peer, path, read);
        } else {
            release(peer);
            replies.unwanted(peer);
        }
    }

    /** It has ended, has gone, or is taken for dead: what it had is another's, and if it lives it asks again. */
    private void release(Peer peer) {
        incoming.release(peer);
        turns.end(peer);
    }

    @Override
    public void tick(long now) {
        turns.expire(now).forEach(incoming::release);
        incoming.tick(now);
        if (now - nextSweepNanos >= 0) {
            nextSweepNanos = now + SWEEP_NANOS;
            sweep();
        }
    }

    private void sweep() {
        Map<AttemptId, Boolean> open = new HashMap<>();
        Predicate<Key> goesOn = key -> open.computeIfAbsent(key.attempt(), permits::isOpen);
        // First, since the blocks of a file that is open stay taken when it is removed.
        incoming.sweep(goesOn);
        partials.sweep(goesOn);
        outgoing.sweep();
    }
}
