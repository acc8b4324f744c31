package interchange.worker;

import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.worker.files.Courier;
import interchange.worker.process.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/** The way home of what attempts that have ended have made and printed. The loop's. */
final class Homecoming {
    /** For so long what a killed job printed may take to come back, of which the user wants to be rid. */
    private static final long KILLED_RETURN_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Of a job that our leaving has ended, and that runs again elsewhere. */
    private static final long LEFT_RETURN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Courier courier;
    private final Timers timers;
    private final Clock clock;
    private final BiConsumer<Attempt, Finished> done;
    /** With what will be told of them. */
    private final Map<Attempt, Finished> returning = new LinkedHashMap<>();

    /** @param done takes those that are back, or given up, with what is to be told of them */
    Homecoming(Courier courier, Timers timers, Clock clock, BiConsumer<Attempt, Finished> done) {
        this.courier = courier;
        this.timers = timers;
        this.clock = clock;
        this.done = done;
    }

    /** Until that is done it counts as running, for the daemon too: its outputs are not there for those who need them. */
    void bringBack(Attempt attempt, Finished result) {
        returning.put(attempt, result);
        // What was ended half-way has made nothing that anyone should take for whole.
        if (attempt.isPacked()) {
            courier.pack(attempt.packOrder());
        } else {
            courier.bringBack(attempt.order(), result.getCause() != Cause.ENDED);
        }
        long now = clock.bootNanos();
        if (result.getCause() == Cause.KILLED) {
            timers.set(attempt, Timers.Kind.RETURN_OVER, now + KILLED_RETURN_NANOS);
        } else if (result.getCause() == Cause.WORKER_LEFT) {
            timers.set(attempt, Timers.Kind.RETURN_OVER, now + LEFT_RETURN_NANOS);
        }
    }

    void onReturned(Attempt attempt, Optional<String> problem) {
        Finished result = returning.remove(attempt);
        if (result == null) {
            return; // It was given up meanwhile.
        }
        timers.clear(attempt);
        done.accept(
                attempt, problem.map(what -> withProblem(attempt, result, what)).orElse(result));
    }

    private static Finished withProblem(Attempt attempt, Finished result, String problem) {
        Finished.Builder told = result.toBuilder();
        // What a job prints is not what it is for: it has ended as it has.
        return attempt.hasFiles() && isWell(result)
                ? told.setCause(Cause.NOT_RETURNED)
                        .setMessage("it ended with exit code 0, but " + problem)
                        .build()
                : told.setMessage(joined(result.getMessage(), problem)).build();
    }

    private static String joined(String message, String more) {
        return message.isEmpty() ? more : message + "; " + more;
    }

    private static boolean isWell(Finished result) {
        return result.getCause() == Cause.ENDED && result.getExitCode() == 0 && result.getSignal() == 0;
    }

    /** What is not back by now is lost, and the end says so; what was done well was in vain then. */
    void giveUp(Attempt attempt, Cause cause) {
        Finished result = returning.remove(attempt);
        if (result == null) {
            return;
        }
        timers.clear(attempt);
        forget(attempt);
        done.accept(
                attempt,
                isWell(result) && attempt.hasFiles()
                        ? result.toBuilder()
                                .setCause(cause)
                                .setMessage("its outputs had not come back yet")
                                .build()
                        : result.toBuilder().setMessage(lost(attempt, result)).build());
    }

    private static String lost(Attempt attempt, Finished result) {
        String lost = attempt.isPacked()
                ? "there was no time to pack the last that it printed: it may be lost"
                : "there was no time to bring back what it printed: it is lost";
        return joined(result.getMessage(), lost);
    }

    /** What it made is wanted no more, and what it printed only if it comes soon. */
    void cancel(Attempt attempt, Cause cause) {
        hasten(attempt, cause, attempt.hasFiles() ? 0 : KILLED_RETURN_NANOS);
    }

    void hastenAll(Cause cause, long graceNanos) {
        List.copyOf(returning.keySet()).forEach(attempt -> hasten(attempt, cause, graceNanos));
    }

    private void hasten(Attempt attempt, Cause cause, long graceNanos) {
        long present = attempt.timer().map(Timers.Timer::atNanos).orElse(Long.MAX_VALUE);
        long latest = clock.bootNanos() + graceNanos;
        if (graceNanos <= 0) {
            giveUp(attempt, cause);
        } else if (latest < present) {
            timers.set(attempt, Timers.Kind.RETURN_OVER, latest);
        }
    }

    /** It won't run here, so its directory goes. */
    void forget(Attempt attempt) {
        if (attempt.travels()) {
            courier.drop(attempt.order());
        } else if (attempt.prints().isPresent()) {
            courier.drop(attempt.packOrder());
        }
    }

    boolean isOnItsWay(Attempt attempt) {
        return returning.containsKey(attempt);
    }

    int count() {
        return returning.size();
    }
}
