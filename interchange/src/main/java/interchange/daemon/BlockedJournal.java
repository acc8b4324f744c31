package interchange.daemon;

import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Now;
import interchange.core.StopMode;
import interchange.journal.JournalBlockedException;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the conductor does while the disk can't take its rows: tries the same transaction again and again, answers
 * heartbeats and looks, and keeps everything else for later. Runs on the conductor's thread.
 */
final class BlockedJournal {
    /** Between two tries, at first; doubles up to {@link #LONGEST_RETRY_MILLIS}. */
    static final long FIRST_RETRY_MILLIS = 1_000;

    private static final long LONGEST_RETRY_MILLIS = 10_000;
    private static final int BATCH_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(BlockedJournal.class);

    private final Inbox inbox;
    private final Performer performer;
    private final Supplier<Now> clock;
    private final Troubles troubles;
    private final long firstRetryMillis;

    BlockedJournal(Inbox inbox, Performer performer, Supplier<Now> clock, Troubles troubles, long firstRetryMillis) {
        this.inbox = inbox;
        this.performer = performer;
        this.clock = clock;
        this.troubles = troubles;
        this.firstRetryMillis = firstRetryMillis;
    }

    /** One try at the transaction. */
    interface Commit {
        void run() throws JournalBlockedException;
    }

    /**
     * Returns when the transaction is on disk, with what arrived meanwhile, oldest first.
     *
     * @throws InterruptedException also when told to stop: what is not durable was told to nobody, and may be given up
     */
    List<Item> retry(Commit commit, JournalBlockedException first) throws InterruptedException {
        Kept kept = new Kept();
        JournalBlockedException cause = first;
        long since = clock.get().steadyMillis();
        long waitMillis = firstRetryMillis;
        while (true) {
            LOG.error("The journal can't be written: {}. Trying again in {} ms.", cause.getMessage(), waitMillis);
            troubles.begin(
                    Troubles.Kind.JOURNAL,
                    "the journal can't be written: " + cause.getMessage()
                            + "; nothing is started or acknowledged until there is room again");
            serve(waitMillis, kept);
            try {
                commit.run();
                troubles.end(Troubles.Kind.JOURNAL);
                LOG.warn(
                        "The journal is written again, after {} ms.",
                        clock.get().steadyMillis() - since);
                return kept.items();
            } catch (JournalBlockedException again) {
                cause = again;
                waitMillis = Math.min(2 * waitMillis, LONGEST_RETRY_MILLIS);
            }
        }
    }

    private void serve(long millis, Kept kept) throws InterruptedException {
        long end = clock.get().steadyMillis() + millis;
        for (long left = millis; left > 0; left = end - clock.get().steadyMillis()) {
            for (Item item : inbox.take(BATCH_MAX, left)) {
                serve(item, kept);
            }
        }
    }

    private void serve(Item item, Kept kept) throws InterruptedException {
        switch (item) {
            case Item.Look look -> look.look().run();
            case Item.Happened(Event.HeartbeatHeard heard) -> {
                performer.perform(List.of(new Effect.AnswerHeartbeat(heard.session(), heard.number())));
                kept.add(heard);
            }
            case Item.Happened(Event.StopRequested stop)
            when stop.mode() != StopMode.DRAIN ->
                throw new InterruptedException("told to stop while the journal can't be written");
            case Item.Happened(Event event) -> kept.add(event);
            case Item.Stage _, Item.Chore _ -> kept.add(item);
        }
    }
}
