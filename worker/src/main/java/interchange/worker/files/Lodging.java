package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import interchange.shared.Reasons;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Sees that there is a place where attempts may print into files of their own. The courier's. */
final class Lodging {
    private static final String WHAT = "can't make a directory for what it prints (scratch) on the node: ";

    private final Desk desk;
    private final Patience patience;
    /** Since when a full disk has kept whom waiting. */
    private final Map<AttemptName, Long> sinceNanos = new HashMap<>();

    Lodging(Desk desk, Patience patience) {
        this.desk = desk;
        this.patience = patience;
    }

    void begin(AttemptName attempt) {
        sinceNanos.put(attempt, System.nanoTime());
        make(attempt);
    }

    private void make(AttemptName attempt) {
        desk.withStore(
                open -> open.scratch().jobs(), place -> over(new News.Lodged(attempt, place)), e -> failed(attempt, e));
    }

    /** A full disk may have room soon, if the cache makes none; anything else is told at once. */
    private void failed(AttemptName attempt, IOException e) {
        if (!Arrivals.isOfTheNode(e)) {
            over(new News.NotFetched(attempt, WHAT + Reasons.of(e)));
        } else if (desk.makesRoom()) {
            make(attempt);
        } else if (lasted(attempt).compareTo(patience.noRoom()) >= 0) {
            over(new News.NoRoom(attempt, WHAT + Reasons.of(e)));
        } else {
            desk.later(patience.room(), () -> make(attempt));
        }
    }

    private Duration lasted(AttemptName attempt) {
        long now = System.nanoTime();
        return Duration.ofNanos(now - sinceNanos.getOrDefault(attempt, now));
    }

    private void over(News news) {
        sinceNanos.remove(news.attempt());
        desk.tell(news);
    }
}
