package interchange.worker;

import interchange.proto.worker.Finished.Cause;
import interchange.worker.process.Clock;
import interchange.worker.process.JobProcess;
import interchange.worker.process.Reaper;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Ends attempts that run: TERM, a grace, and KILL. The loop's. */
final class Ending {
    private final Reaper reaper;
    private final Timers timers;
    private final LastCall lastCall;
    private final Clock clock;
    private final List<JobProcess> toTerminate = new ArrayList<>();

    Ending(Reaper reaper, Timers timers, LastCall lastCall, Clock clock) {
        this.reaper = reaper;
        this.timers = timers;
        this.lastCall = lastCall;
        this.clock = clock;
    }

    /** A later cause with less grace hastens the end of what is being killed; the first cause stands. */
    void end(Attempt attempt, Cause cause, long graceNanos) {
        if (attempt.hasHadKill()) {
            return;
        }
        long now = clock.bootNanos();
        long hardNanos = Math.min(now + graceNanos, hardNanos(attempt));
        if (!attempt.isBeingKilled()) {
            attempt.killedFor(cause);
            // To what ends already since its block does, a second TERM could break off what it saves.
            if (hardNanos > now && !attempt.isCalledLast()) {
                toTerminate.add(attempt.process());
            }
        }
        if (hardNanos > now) {
            timers.set(attempt, Timers.Kind.GRACE_OVER, hardNanos);
        } else {
            endHard(attempt);
        }
    }

    /** When it gets its KILL already; Long.MAX_VALUE: that is not settled. */
    private static long hardNanos(Attempt attempt) {
        return attempt.timer()
                .filter(timer -> timer.kind() == Timers.Kind.GRACE_OVER || timer.kind() == Timers.Kind.CALL_OVER)
                .map(Timers.Timer::atNanos)
                .orElse(Long.MAX_VALUE);
    }

    void endHard(Attempt attempt) {
        timers.clear(attempt);
        attempt.hadKill();
        reaper.kill(attempt.process());
    }

    /**
     * They have the rest of the block to end in order. They are not being killed yet: what they take and how long they run
     * is still looked at, and whatever ends them first is the cause.
     */
    void callLast(Collection<Attempt> running, long now) {
        List<Attempt> told = running.stream()
                .filter(attempt -> !attempt.isBeingKilled() && LastCall.isWantedBy(attempt))
                .toList();
        long overNanos = now + lastCall.graceNanos(now);
        for (Attempt attempt : told) {
            attempt.calledLast();
            toTerminate.add(attempt.process());
            // Where its walltime is over before that, the rest of the call is what its grace is cut to.
            if (attempt.timer().map(Timers.Timer::atNanos).orElse(Long.MAX_VALUE) > overNanos) {
                timers.set(attempt, Timers.Kind.CALL_OVER, overNanos);
            }
        }
    }

    /** Of what was told that its block ends, the grace is no longer than the rest of that time. */
    void onWalltimeOver(Attempt attempt, long now, long graceNanos) {
        long longest = attempt.isCalledLast() ? lastCall.graceNanos(now) : graceNanos;
        end(attempt, Cause.WALLTIME, Math.min(graceNanos, longest));
    }

    /** Sends their TERM to all that were told to end since the last call. */
    void terminate() {
        if (!toTerminate.isEmpty()) {
            reaper.terminate(List.copyOf(toTerminate));
            toTerminate.clear();
        }
    }
}
