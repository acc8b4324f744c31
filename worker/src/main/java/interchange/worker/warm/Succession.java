package interchange.worker.warm;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The templates of one kind, one after another: the one that serves, and the one that is to take its place. */
final class Succession {
    /** After it was found that none can be like a fresh process: what was found is of the user's code, and may change. */
    private static final long COLD_NANOS = TimeUnit.MINUTES.toNanos(30);

    /** So often in a row one may say that another would be better. */
    private static final int AT_ONCE_MAX = 12;

    private static final long FAILED_MIN_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int DOUBLINGS_MAX = 9;
    /** A template that imports more costs what importing costs: not more often than this many times its own start. */
    private static final int PAUSE_OVER_START = 10;

    private Optional<Template> serving = Optional.empty();
    private Optional<Template> coming = Optional.empty();
    private long notBeforeNanos = Long.MIN_VALUE;
    private int failures;
    private String why = "";
    private long pauseUntilNanos = Long.MIN_VALUE;
    private boolean more;
    private boolean wanted;
    private int atOnce;
    private final Recipes.Known known;

    /** @param known what its templates are made of */
    Succession(Recipes.Known known) {
        this.known = known;
    }

    Recipes.Known known() {
        return known;
    }

    Optional<Template> serving() {
        return serving;
    }

    Optional<Template> coming() {
        return coming;
    }

    /** Why there is none. */
    String why() {
        return why;
    }

    /** A job is here that could be a fork. */
    void want() {
        wanted = true;
    }

    /** Whether one is to be made now: for jobs, or since the last has said so. */
    boolean isDue(long now) {
        boolean none = serving.isEmpty() && (wanted || atOnce > 0);
        return coming.isEmpty() && now >= notBeforeNanos && (none || (more && now >= pauseUntilNanos));
    }

    void started(Template template) {
        coming = Optional.of(template);
        more = false;
        wanted = false;
    }

    void couldNotStart(String reason, long now) {
        failed(reason, now);
    }

    /**
     * The one that serves has made a fork.
     *
     * @param couldBeMore whether a new one would import more ahead
     */
    void worked(boolean couldBeMore) {
        failures = 0;
        atOnce = 0;
        more |= couldBeMore;
    }

    /** Takes what has changed of its templates; returns the one that is to be ended, if any. */
    Optional<Template> look(long now) {
        coming.ifPresent(Template::look);
        Optional<Template> replaced = Optional.empty();
        if (coming.filter(Template::isReady).isPresent()) {
            Template next = coming.get();
            // The first of all knows the least: what its forks tell is worth another at once.
            pauseUntilNanos = serving.isEmpty() ? now : now + PAUSE_OVER_START * (now - next.startedNanos());
            replaced = serving;
            serving = coming;
            coming = Optional.empty();
        }
        coming = withoutOver(coming, now);
        serving = withoutOver(serving, now);
        return replaced;
    }

    private Optional<Template> withoutOver(Optional<Template> template, long now) {
        Optional<Template.Stage.Over> over = template.flatMap(Template::over);
        over.ifPresent(end -> {
            why = end.why();
            switch (end.another()) {
                case AT_ONCE -> again(now);
                case PERHAPS -> failed(end.why(), now);
                case WHEN_NEEDED -> notBeforeNanos = now;
                case NO -> notBeforeNanos = now + COLD_NANOS;
            }
        });
        return over.isPresent() ? Optional.empty() : template;
    }

    private void again(long now) {
        if (++atOnce > AT_ONCE_MAX) {
            atOnce = 0;
            failed(why, now);
        } else {
            notBeforeNanos = now;
        }
    }

    private void failed(String reason, long now) {
        why = reason;
        // The first time it may try again at once: something has changed on disk, or somebody has killed it.
        notBeforeNanos = failures == 0 ? now : now + (FAILED_MIN_NANOS << Math.min(failures, DOUBLINGS_MAX));
        failures++;
    }
}
