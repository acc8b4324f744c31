package interchange.provider;

import interchange.core.BlockPhase;

/** What the states of Slurm's jobs mean for blocks; from squeue(1) and sacct(1), "JOB STATE CODES". */
final class SlurmState {
    private SlurmState() {}

    /** A state that is not known is never taken for an end: later versions of Slurm may have more. */
    static BlockPhase phase(String state) {
        return switch (state) {
            case "PENDING",
                    "CONFIGURING",
                    "POWER_UP_NODE",
                    "REQUEUED",
                    "REQUEUE_FED",
                    "REQUEUE_HOLD",
                    "RESV_DEL_HOLD",
                    "SPECIAL_EXIT" -> BlockPhase.QUEUED;
            case "SUSPENDED", "STOPPED" -> BlockPhase.SUSPENDED;
            case "COMPLETED", "CANCELLED", "TIMEOUT", "PREEMPTED", "DEADLINE" -> BlockPhase.ENDED;
            case "FAILED", "BOOT_FAIL", "LAUNCH_FAILED" -> BlockPhase.FAILED;
            case "OUT_OF_MEMORY" -> BlockPhase.OUT_OF_MEMORY;
            case "NODE_FAIL" -> BlockPhase.NODE_FAILED;
            // RUNNING; COMPLETING and its like, while something of it may still run; REVOKED, since another cluster of
            // a
            // federation runs it; and those of later versions.
            default -> BlockPhase.RUNNING;
        };
    }

    /** What there is to say of it beyond its phase. */
    static String message(String state, String reason) {
        boolean silent = reason.isEmpty() || reason.equals("None") || reason.equals("(null)");
        return switch (state) {
            case "RUNNING", "COMPLETED" -> silent ? "" : reason;
            case "PENDING" -> silent ? "waiting" : "waiting: " + reason;
            default -> silent ? state : state + ": " + reason;
        };
    }
}
