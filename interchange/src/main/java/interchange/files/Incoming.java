package interchange.files;

import interchange.broker.FilesLoop;
import interchange.files.Turns.Peer;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Piece;
import interchange.proto.files.Taken;
import interchange.proto.files.Turn;
import interchange.shared.Reasons;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes outputs, window by window, and has them put into their places. What is on its way waits for a turn or has one, and
 * what has lost both is closed. On the files' thread.
 */
final class Incoming {
    private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);
    /** Workers try again every few seconds; when none of them has met it for so long, it is over. */
    private static final long TROUBLE_LASTS_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final FilesLoop loop;
    private final Placer placer;
    private final Executor placing;
    private final Turns turns;
    private final Replies replies;
    private final Troubled trouble;
    private final Uploads uploads = new Uploads();
    /** Whose upload is being opened or placed: an offer that comes meanwhile is answered when that is done. */
    private final Map<Key, Asked> busy = new HashMap<>();

    private OptionalLong troubledNanos = OptionalLong.empty();

    Incoming(FilesLoop loop, Placer placer, Executor placing, Turns turns, Replies replies, Troubled trouble) {
        this.loop = loop;
        this.placer = placer;
        this.placing = placing;
        this.turns = turns;
        this.replies = replies;
        this.trouble = trouble;
    }

    /** Whether an output could be put there. */
    void onLook(Peer peer, Path place) {
        Optional<String> obstacle;
        try {
            obstacle = Placer.obstacle(place);
        } catch (IOException e) {
            replies.later(peer, "can't look at " + place + ": " + Reasons.of(e));
            return;
        }
        if (obstacle.isPresent()) {
            replies.refuse(peer, obstacle.get());
        } else {
            replies.send(peer, FromFiles.newBuilder().setFound(Found.getDefaultInstance()));
        }
    }

    void onOffer(Peer peer, Key key, Offered offered) {
        if (busy.containsKey(key)) {
            busy.put(key, new Asked(peer, offered));
            replies.queued(peer);
            return;
        }
        Optional<Peer> owner = uploads.owner(key);
        Optional<Upload> present =
                owner.filter(peer::equals).flatMap(uploads::of).filter(upload -> upload.offered.isSameAs(offered));
        if (present.isPresent()) {
            boolean waited = turns.isWaiting(peer);
            // Also while it waits: so it is heard, and not taken for dead.
            askForMore(peer, present.get());
            if (waited && turns.isWaiting(peer)) {
                replies.queued(peer);
            }
        } else {
            // Another connection of the worker goes on with it, or it is another content.
            owner.ifPresent(this::drop);
            work(key, new Asked(peer, offered), () -> placer.open(key, offered));
        }
    }

    private void drop(Peer peer) {
        release(peer);
        turns.end(peer);
    }

    /** It has no turn any more, and waits for none. */
    void release(Peer peer) {
        uploads.release(peer);
    }

    /** Who has offered it last, and what. */
    private record Asked(Peer peer, Offered offered) {}

    private interface Work {
        Placer.Result get();
    }

    /** False: too much is being done, and the peer is told. */
    private boolean work(Key key, Asked asked, Work work) {
        busy.put(key, asked);
        try {
            placing.execute(() -> {
                try {
                    Placer.Result result = work.get();
                    loop.post(() -> onResult(key, asked.offered(), result));
                } catch (RuntimeException e) {
                    loop.fail(e);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            busy.remove(key);
            replies.later(asked.peer(), "too many outputs are coming in");
            return false;
        }
    }

    private void onResult(Key key, Offered offered, Placer.Result result) {
        Asked asked = busy.remove(key);
        if (asked == null) {
            throw new IllegalStateException("nobody had asked about " + key);
        }
        Peer peer = asked.peer();
        if (!asked.offered().isSameAs(offered)) {
            // A job has ended while what it had printed so far was being looked at: that is no answer for all of it.
            switch (result) {
                case Placer.Result.Opened(Upload upload) -> Uploads.close(upload);
                case Placer.Result.Damaged(Upload upload) -> Uploads.close(upload);
                default -> LOG.debug("{} was offered again meanwhile", key);
            }
            onOffer(peer, key, asked.offered());
            return;
        }
        switch (result) {
            case Placer.Result.Opened(Upload upload) -> begin(peer, upload);
            case Placer.Result.Damaged(Upload upload) -> {
                LOG.warn("{} arrived damaged, and is to come again", upload.place());
                begin(peer, upload);
            }
            case Placer.Result.Placed() -> taken(peer);
            case Placer.Result.NotNow(String why) -> troubled(peer, why);
            case Placer.Result.Refused(String why) -> replies.refuse(peer, why);
            case Placer.Result.Unwanted() -> replies.unwanted(peer);
        }
    }

    private void taken(Peer peer) {
        replies.send(peer, FromFiles.newBuilder().setTaken(Taken.getDefaultInstance()));
    }

    private void begin(Peer peer, Upload upload) {
        uploads.add(peer, upload);
        askForMore(peer, upload);
    }

    private void askForMore(Peer peer, Upload upload) {
        if (upload.isComplete()) {
            uploads.take(peer);
            turns.end(peer);
            if (upload.offered.grows()) {
                Uploads.close(upload);
                taken(peer);
            } else if (!work(upload.key, new Asked(peer, upload.offered), () -> placer.place(upload))) {
                Uploads.close(upload);
            }
        } else if (!turns.ask(peer, () -> giveTurn(peer, upload))) {
            drop(peer);
            replies.later(peer, Turns.TOO_MANY);
        }
    }

    private void giveTurn(Peer peer, Upload upload) {
        replies.send(
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
    void onPiece(Peer peer, Piece piece) {
        Optional<Upload> present = uploads.of(peer).filter(_ -> turns.has(peer));
        if (present.isEmpty() || piece.getOffset() != present.get().offset()) {
            return;
        }
        Upload upload = present.get();
        long end = windowEnd(upload);
        if (piece.getData().isEmpty() || upload.offset() + piece.getData().size() > end) {
            loop.unsound();
            return;
        }
        try {
            uploads.touch(peer, upload);
            upload.append(piece.getData());
        } catch (IOException e) {
            drop(peer);
            String why = "can't write " + upload.place() + ": " + Reasons.of(e);
            // What has come of it may have been removed while it waited; then it comes anew.
            if (DiskTrouble.isPassing(e) || e instanceof NoSuchFileException) {
                troubled(peer, why);
            } else {
                replies.refuse(peer, why);
            }
            return;
        }
        turns.moved(peer);
        if (upload.offset() == end) {
            askForMore(peer, upload);
        }
    }

    private void troubled(Peer peer, String why) {
        if (troubledNanos.isEmpty()) {
            LOG.warn("Outputs of jobs wait: {}", why);
        }
        troubledNanos = OptionalLong.of(System.nanoTime());
        trouble.begin(why + "; jobs with outputs wait until it can be written");
        replies.later(peer, why);
    }

    void tick(long now) {
        if (troubledNanos.isPresent() && now - troubledNanos.getAsLong() > TROUBLE_LASTS_NANOS) {
            troubledNanos = OptionalLong.empty();
            trouble.end();
        }
    }

    /** Nobody will ever go on with those whose attempts are over. */
    void sweep(Predicate<Key> goesOn) {
        uploads.peers(goesOn.negate()).forEach(this::drop);
    }
}
