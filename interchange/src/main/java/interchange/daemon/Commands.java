package interchange.daemon;

import interchange.core.Event;
import interchange.core.Now;
import interchange.core.RunState;
import interchange.core.StopMode;
import interchange.journal.Journal;
import interchange.journal.JournalBlockedException;
import interchange.proto.control.CancelRequest;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.Error;
import interchange.proto.control.PurgeRequest;
import interchange.proto.control.StopRequest;
import interchange.shared.Reasons;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests that change something and are quickly done. Query thread. */
final class Commands {
    private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(10);

    private static final Logger LOG = LoggerFactory.getLogger(Commands.class);

    private final RunLookup runs;
    private final Live live;
    private final Journal journal;
    private final Home home;
    private final Inbox inbox;
    private final Troubles troubles;
    private final Supplier<Now> clock;
    private final Runnable tidy;

    /** @param tidy begins to remove what is left of blocks that the journal does not have any more */
    Commands(
            RunLookup runs,
            Live live,
            Journal journal,
            Home home,
            Inbox inbox,
            Troubles troubles,
            Supplier<Now> clock,
            Runnable tidy) {
        this.runs = runs;
        this.live = live;
        this.journal = journal;
        this.home = home;
        this.inbox = inbox;
        this.troubles = troubles;
        this.clock = clock;
        this.tidy = tidy;
    }

    DoneResponse cancel(String request, CancelRequest cancel) throws RequestException {
        RunView view = runs.view(cancel.getRun());
        int run = view.row().header().run();
        if (view.live().isEmpty()) {
            throw new RequestException(Error.Kind.CONFLICT, notGoingOn(view));
        }
        live.tell(new Event.RunCancelled(run, request, cancel.getForce()));
        boolean atOnce = cancel.getForce() || view.cancelling();
        LOG.info("Run {} is cancelled{}.", run, atOnce ? " at once" : "");
        return done("run " + run
                + (atOnce
                        ? " ends now"
                        : " is being cancelled: its jobs are ended; a final job that runs always runs"));
    }

    private static String notGoingOn(RunView view) {
        int run = view.row().header().run();
        if (view.row().state() == RunState.HELD) {
            return "run " + run + " is held (" + view.row().held() + "): there is nothing of it to cancel";
        }
        return "run " + run + " has ended (" + view.row().state() + "): there is nothing to cancel";
    }

    /** Answered first, since afterwards there may be nobody to answer. */
    DoneResponse stop(StopRequest request) throws RequestException {
        StopMode mode = switch (request.getMode()) {
            case DRAIN -> StopMode.DRAIN;
            case NOW -> StopMode.NOW;
            case KEEP_BLOCKS -> StopMode.KEEP_BLOCKS;
            case MODE_UNSPECIFIED, UNRECOGNIZED ->
                throw new RequestException(Error.Kind.USER, "a stop must say how: drain, now or keep-blocks");
        };
        Duration timeout =
                request.getTimeoutMillis() > 0 ? Duration.ofMillis(request.getTimeoutMillis()) : DRAIN_TIMEOUT;
        try {
            Files.deleteIfExists(home.wanted());
        } catch (IOException e) {
            LOG.warn(
                    "{} can't be removed, so `interchange ensure` may start the daemon again: {}",
                    home.wanted(),
                    Reasons.of(e));
        }
        String how = troubles.present(Troubles.Kind.JOURNAL).isPresent()
                ? describeWhileStuck(mode)
                : describe(mode, timeout);
        LOG.info("Asked to stop: {}.", how);
        troubles.begin(Troubles.Kind.STOPPING, how);
        return done(how);
    }

    /** What {@link #stop} has announced. */
    void stopNow(StopRequest request) {
        StopMode mode = StopMode.valueOf(request.getMode().name());
        Duration timeout =
                request.getTimeoutMillis() > 0 ? Duration.ofMillis(request.getTimeoutMillis()) : DRAIN_TIMEOUT;
        inbox.put(new Event.StopRequested(mode, timeout));
    }

    private static String describe(StopMode mode, Duration timeout) {
        return switch (mode) {
            case DRAIN ->
                "stopping: nothing new is started, what runs may go on for " + timeout.toSeconds()
                        + " s, then blocks are ended";
            case NOW -> "stopping now: what runs is killed and runs again at the next start, blocks are ended";
            case KEEP_BLOCKS -> "stopping: workers and their jobs go on and wait for the next daemon";
        };
    }

    /** Nothing can be decided, so nobody can be told to end. */
    private static String describeWhileStuck(StopMode mode) {
        return switch (mode) {
            case DRAIN -> "stopping as soon as the journal can be written again; `interchange info` says why it can't";
            case NOW, KEEP_BLOCKS ->
                "stopping: the journal can't be written, so workers and their jobs go on and wait for the next daemon";
        };
    }

    DoneResponse purge(PurgeRequest request) throws RequestException {
        Duration older = Duration.ofSeconds(request.getOlderSeconds());
        if (older.isNegative()) {
            throw new RequestException(Error.Kind.USER, "runs can't be younger than now: give an age, such as 90d");
        }
        List<Integer> gone = new ArrayList<>();
        for (List<Integer> some = purgeSome(older); !some.isEmpty(); some = purgeSome(older)) {
            gone.addAll(some);
        }
        tidy.run();
        LOG.info("Purged {} runs.", gone.size());
        return done(gone.isEmpty() ? "no run ended that long ago" : "removed " + gone.size() + " runs: " + gone);
    }

    private List<Integer> purgeSome(Duration older) throws RequestException {
        return live.chore(
                () -> {
                    try {
                        return journal.purge(older, clock.get().epochMillis());
                    } catch (JournalBlockedException e) {
                        LOG.warn("Nothing can be purged now: {}", e.getMessage());
                        return List.<Integer>of();
                    }
                },
                runs -> List.of());
    }

    private static DoneResponse done(String message) {
        return DoneResponse.newBuilder().addMessages(message).build();
    }
}
