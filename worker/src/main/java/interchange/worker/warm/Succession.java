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
    /** So many have failed in a row before they were ready: what they import ahead may be why. */
    private static final int DOUBTFUL = 2;

    private static final long NO_ROOM_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** A template that imports more costs what importing costs: not more often than this many times its own start. */
    private static final int PAUSE_OVER_START = 10;

    /** What a prefix has read, such as a token or which version is the latest, is read anew after this. */
    private static final long PREFIX_AGE_NANOS = TimeUnit.MINUTES.toNanos(30);

    private final Recipes.Known known;
    private Optional<Template> serving = Optional.empty();
    private Optional<Template> coming = Optional.empty();
    private long notBeforeNanos = Long.MIN_VALUE;
    /** In a row, of those that were not ready yet. */
    private int starts;
    /** In a row, of all. */
    private int failures;

    private int atOnce;
    /** In a row, of those that were to take the place of one. */
    private int inVain;

    private String why = "";
    private boolean wanted;
    private boolean more;
    private boolean hasWorked;
    /** When the one began anew of which the present one is, or has come by forks. */
    private long begunNanos;
    /** Whether the one that is coming is a fork of the one that serves. */
    private boolean comingGrows;
    /** Whether one that was a fork has not come to be. */
    private boolean growsBadly;

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

    /** Why the last one is over; empty: it is not. */
    String why() {
        return why;
    }

    boolean isIdle() {
        return serving.isEmpty() && coming.isEmpty();
    }

    /** A job is here, or soon will be, that could be a fork. */
    void want() {
        wanted = true;
    }

    /** Whether one is to be made now: for jobs, since the last has said so, or to take the place of one. */
    boolean isDue(long now) {
        boolean none = serving.isEmpty() && (wanted || atOnce > 0);
        boolean better = serving.filter(Template::isReady).isPresent() && (more || isOld(now));
        return coming.isEmpty() && now >= notBeforeNanos && (none || better);
    }

    private boolean isOld(long now) {
        return !known.kind().prefix().isEmpty() && now - begunNanos > PREFIX_AGE_NANOS;
    }

    /** Whether the next one had better do without the list of what to import ahead. */
    boolean isListDoubtful() {
        return starts >= DOUBTFUL;
    }

    /** The one that serves, if a fork of it that imports more could take its place: that is quicker than to begin anew. */
    Optional<Template> growing(long now) {
        return serving.filter(Template::isReady).filter(_ -> more && !growsBadly && starts == 0 && !isOld(now));
    }

    /** One that begins anew. */
    void started(Template template) {
        comes(template, false);
    }

    /** A fork of the one that serves. */
    void grows(Template template) {
        comes(template, true);
    }

    /** The one that serves could not be what the next one is made of. */
    void growsBadly() {
        growsBadly = true;
    }

    private void comes(Template template, boolean grows) {
        coming = Optional.of(template);
        comingGrows = grows;
        more = false;
        wanted = false;
    }

    /**
     * The one that serves has made a fork.
     *
     * @param couldBeMore whether a new one would import more ahead
     * @return whether it is its first
     */
    boolean worked(boolean couldBeMore) {
        boolean first = !hasWorked;
        hasWorked = true;
        more |= couldBeMore;
        if (starts == 0) {
            failures = 0;
            atOnce = 0;
        }
        return first;
    }

    /** Takes what has changed of its templates; returns the one that is to be ended, if any. */
    Optional<Template> look(long now) {
        coming.ifPresent(Template::look);
        serving.ifPresent(Template::look);
        Optional<Template> replaced = Optional.empty();
        if (coming.filter(Template::isReady).isPresent()) {
            replaced = serving;
            takesOver(coming.get(), now);
        }
        coming = withoutOver(coming, now);
        serving = withoutOver(serving, now);
        return replaced;
    }

    private void takesOver(Template next, long now) {
        growsBadly = growsBadly && comingGrows;
        begunNanos = comingGrows ? begunNanos : next.startedNanos();
        // The first of all knows the least: what its forks tell is worth another at once.
        if (serving.isPresent()) {
            notBeforeNanos = now + PAUSE_OVER_START * (now - next.startedNanos());
        }
        serving = Optional.of(next);
        coming = Optional.empty();
        starts = 0;
        inVain = 0;
        why = "";
        hasWorked = false;
    }

    private Optional<Template> withoutOver(Optional<Template> template, long now) {
        Optional<Template.Stage.Over> over = template.flatMap(Template::over);
        over.ifPresent(end -> {
            why = end.why();
            growsBadly |= comingGrows && template.equals(coming);
            switch (end.another()) {
                case AT_ONCE -> again(template.get(), now);
                case PERHAPS -> {
                    starts += template.equals(coming) ? 1 : 0;
                    failed(end.why(), now);
                }
                case WHEN_NEEDED -> {
                    wanted = false;
                    more = false;
                    notBeforeNanos = now + NO_ROOM_NANOS;
                }
                case NO -> notBeforeNanos = now + COLD_NANOS;
            }
        });
        return over.isPresent() ? Optional.empty() : template;
    }

    private void again(Template last, long now) {
        if (serving.isPresent() && !serving.get().equals(last)) {
            // Nobody needs the next one, and each costs what importing costs.
            notBeforeNanos = now + ++inVain * (now - last.startedNanos());
        } else if (++atOnce > AT_ONCE_MAX) {
            atOnce = 0;
            failed(why, now);
        } else {
            notBeforeNanos = now;
        }
    }

    /** The first time it may try again at once: somebody has killed it, or something was in the way for a moment. */
    void failed(String reason, long now) {
        why = reason;
        notBeforeNanos = failures == 0 ? now : now + (FAILED_MIN_NANOS << Math.min(failures, DOUBLINGS_MAX));
        failures++;
    }

    void hasNoRoom(long now) {
        why = "there is no room for another template";
        notBeforeNanos = now + NO_ROOM_NANOS;
        wanted = false;
    }
}
