package interchange.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The way to the daemon's exit. */
final class Stopping {
    /** The longest that a submission takes, by the limits of sites. */
    private static final long INTENT_MILLIS = 300_000;

    private final State state;
    private final BlockFlow blocks;

    @Fleeting
    private long drainUntilMillis;

    @Fleeting
    private long leaveUntilMillis;

    @Fleeting
    private boolean done;

    Stopping(State state, BlockFlow blocks) {
        this.state = state;
        this.blocks = blocks;
    }

    void onRequested(StopMode mode, Duration timeout) {
        switch (mode) {
            case KEEP_BLOCKS -> {
                state.stopping = java.util.Optional.of(mode);
                stop();
            }
            case DRAIN -> drain(timeout);
            case NOW -> endEverything();
        }
    }

    private void drain(Duration timeout) {
        if (state.stopping.isPresent()) {
            return;
        }
        state.stopping = java.util.Optional.of(StopMode.DRAIN);
        drainUntilMillis = state.millis() + timeout.toMillis();
        for (Attempt attempt : state.attempts.values()) {
            if (!attempt.started() && !attempt.retracting && attempt.worker.connected()) {
                attempt.retracting = true;
                state.out.retract(attempt.worker, attempt.id);
            }
        }
    }

    private void endEverything() {
        if (state.stopping.filter(mode -> mode == StopMode.NOW).isPresent()) {
            return;
        }
        state.stopping = java.util.Optional.of(StopMode.NOW);
        long grace = 0;
        for (Worker worker : state.workers.values()) {
            worker.draining = true;
            grace = Math.max(grace, worker.site.site.killGrace().toMillis());
            if (worker.connected()) {
                state.out.perform(new Effect.ShutDownWorker(worker.session));
            }
        }
        leaveUntilMillis = state.millis() + grace + state.timing.stopGrace().toMillis();
        for (SiteState site : state.sites.values()) {
            List<Block> open = new ArrayList<>();
            for (Block block : site.blocks) {
                if (!block.phase.over()) {
                    open.add(block);
                }
            }
            blocks.cancel(open);
        }
    }

    void onTick() {
        if (state.stopping.isEmpty() || done) {
            return;
        }
        if (state.stopping.get() == StopMode.DRAIN) {
            if (state.attempts.isEmpty() || state.millis() >= drainUntilMillis) {
                endEverything();
            }
        } else if (blocksOver() || isPatienceOver()) {
            tellWhatStays();
            stop();
        }
    }

    /** What is just being submitted can be cancelled only when it has a name. */
    private boolean isPatienceOver() {
        boolean intents = state.blocks.values().stream().anyMatch(block -> block.phase == BlockPhase.INTENDED);
        return state.millis() >= leaveUntilMillis + (intents ? INTENT_MILLIS : 0);
    }

    private void tellWhatStays() {
        List<String> open = new ArrayList<>();
        for (Block block : state.blocks.values()) {
            if (!block.phase.over()) {
                open.add(block.id + " (" + (block.submitted() ? block.batchId : "not named yet") + ")");
            }
        }
        if (!open.isEmpty()) {
            state.out.perform(new Effect.Notice("blocks that may still be in the batch system's queue: "
                    + String.join(", ", open) + "; the next start of the daemon looks for them and ends them"));
        }
    }

    private boolean blocksOver() {
        for (Block block : state.blocks.values()) {
            if (!block.phase.over()) {
                return false;
            }
        }
        return true;
    }

    private void stop() {
        done = true;
        state.out.perform(new Effect.Stop());
    }
}
