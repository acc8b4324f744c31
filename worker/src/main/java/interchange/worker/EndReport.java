package interchange.worker;

import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.worker.process.Ended;
import java.util.Optional;

/** What is told of an attempt whose processes have ended: what it took, and what ended it. Stateless. */
final class EndReport {
    private static final int KIB_PER_MIB = 1024;

    private EndReport() {}

    /** @param outOfMemory in words, that the kernel ended it; empty: it did not */
    static Finished of(Attempt attempt, Ended end, Optional<String> outOfMemory) {
        boolean byKernel = !attempt.isBeingKilled() && outOfMemory.isPresent();
        Cause cause = byKernel ? Cause.OUT_OF_MEMORY : causeOf(attempt, endedWell(end));
        return Finished.newBuilder()
                .setCause(cause)
                .setMessage(byKernel ? outOfMemory.get() : why(attempt, cause))
                .setExitCode(end.exitCode())
                .setSignal(end.signal())
                .setStartedEpochMillis(attempt.startedEpochMillis())
                .setEndedEpochMillis(end.epochMillis())
                .setCpuMillis(end.cpuMillis())
                .setPeakMemoryMib((end.process().peakMemoryKiB() + KIB_PER_MIB - 1) / KIB_PER_MIB)
                .setWarm(end.process().isWarm())
                .build();
    }

    static boolean endedWell(Ended end) {
        return end.exitCode() == 0 && end.signal() == 0;
    }

    private static Cause causeOf(Attempt attempt, boolean endedWell) {
        Cause killedFor = attempt.killedFor();
        // What was told that its block ends has not failed, but may have used the time to end well.
        boolean leaving = attempt.isCalledLast() && (killedFor == Cause.ENDED || killedFor == Cause.WORKER_LEFT);
        if (leaving) {
            return endedWell ? Cause.ENDED : Cause.WORKER_LEFT;
        }
        // The memory rules send KILL and nothing before it, which leaves nobody an exit code: it was done already.
        return killedFor == Cause.OUT_OF_MEMORY && endedWell ? Cause.ENDED : killedFor;
    }

    private static String why(Attempt attempt, Cause cause) {
        return switch (cause) {
            case WALLTIME -> "its walltime of " + time(attempt.task().getWalltimeSeconds()) + " was over";
            case WORKER_LEFT -> attempt.isCalledLast() ? "it was told that its block was about to end" : "";
            case OUT_OF_MEMORY -> attempt.why();
            default -> "";
        };
    }

    private static String time(long seconds) {
        return seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }
}
