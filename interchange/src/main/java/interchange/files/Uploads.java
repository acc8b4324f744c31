package interchange.files;

import interchange.files.Turns.Peer;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Outputs that are coming in, by whose they are and by what they are. A hundred thousand may wait for their turns, so only
 * those that were written last are open. On the files' thread.
 */
final class Uploads {
    /** Descriptors are for all of the daemon; more than have a turn, since on a network file system opening is dear. */
    static final int OPEN_MAX = 4 * Turns.UNDER_WAY_MAX;

    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

    private final Map<Peer, Upload> uploads = new HashMap<>();
    private final Map<Key, Peer> owners = new HashMap<>();
    private final LinkedHashMap<Peer, Upload> open = new LinkedHashMap<>(16, 0.75f, true);

    /** In the place of what the peer had before, and of who had it before. */
    void add(Peer peer, Upload upload) {
        owner(upload.key).ifPresent(this::release);
        release(peer);
        uploads.put(peer, upload);
        owners.put(upload.key, peer);
        touch(peer, upload);
    }

    Optional<Upload> of(Peer peer) {
        return Optional.ofNullable(uploads.get(peer));
    }

    Optional<Peer> owner(Key key) {
        return Optional.ofNullable(owners.get(key));
    }

    /** Those whose key is such. */
    List<Peer> peers(Predicate<Key> which) {
        return owners.entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** On a failure nothing of what had been written since the upload was opened is sure, and it is to be released. */
    void touch(Peer peer, Upload upload) {
        open.put(peer, upload);
        if (open.size() > OPEN_MAX) {
            open.pollFirstEntry().getValue().pause();
        }
    }

    /** Hands it over, open or not. */
    Optional<Upload> take(Peer peer) {
        Optional<Upload> upload = Optional.ofNullable(uploads.remove(peer));
        upload.ifPresent(taken -> owners.remove(taken.key));
        open.remove(peer);
        return upload;
    }

    /** What has come of it stays on disk. */
    void release(Peer peer) {
        take(peer).ifPresent(Uploads::close);
    }

    /** Whatever of it can be read now need not be on the disk. */
    private static void discard(Upload upload) {
        try {
            upload.discard();
        } catch (IOException e) {
            LOG.debug("closing {}", upload.partial(), e);
        }
    }

    static void close(Upload upload) {
        try {
            upload.close();
        } catch (IOException e) {
            LOG.warn("What has come of {} may not be on the disk, and is to come again", upload.place(), e);
            discard(upload);
        }
    }
}
