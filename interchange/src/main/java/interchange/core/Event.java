package interchange.core;

import java.time.Duration;
import java.util.Map;

/** What happened outside. Arrives in any order, possibly twice, possibly never. */
public sealed interface Event {

    /** A site that no run has used before; comes before the first run that names it. */
    record SiteAdded(Site site) implements Event {}

    /** A run, staged in full and made visible. */
    record RunSubmitted(RunGraph graph) implements Event {}

    /**
     * @param request drawn by who asked; the same one again changes nothing
     * @param force at once, without the final job
     */
    record RunCancelled(int run, String request, boolean force) implements Event {}

    /**
     * What has not succeeded is to run again. The run must have ended, else nothing changes.
     *
     * @param record the run as it ended, read back from the journal
     * @param request drawn by who asked; the same one again changes nothing
     */
    record RunRestarted(Recovered.RunRecord record, String request) implements Event {}

    /**
     * The workflow that a job has written is staged.
     *
     * @param graph the run's with the new jobs behind the old ones
     */
    record WorkflowBrought(RunGraph graph, int generation, int job) implements Event {}

    /** The workflow that a job has written can't be taken in. */
    record WorkflowNotBrought(int run, int generation, int job, String message) implements Event {}

    /** @param link where the answer goes; the broker's number for a connection */
    record WorkerHello(long link, Hello hello) implements Event {}

    record AttemptStarted(long session, AttemptId attempt, long startedEpochMillis) implements Event {}

    record AttemptFinished(long session, AttemptId attempt, Outcome outcome) implements Event {}

    record AttemptRetracted(long session, AttemptId attempt) implements Event {}

    record HeartbeatHeard(long session, long number) implements Event {}

    /** It takes nothing new, and says Goodbye when what it has is dead. */
    record WorkerLeaving(long session) implements Event {}

    /** Everything that the worker held is dead and has been reported. */
    record WorkerSaidGoodbye(long session, String reason) implements Event {}

    record BlockSubmitted(int block, String batchId) implements Event {}

    /**
     * @param certain false when the batch system may have taken the block all the same (a timeout)
     */
    record BlockRefused(int block, String message, boolean certain) implements Event {}

    /**
     * A look at a batch system that succeeded: every block asked for that it knows, by our id.
     *
     * @param look the number of the {@link Effect.PollBlocks} that it answers
     */
    record BlocksPolled(String batchSystem, long look, Map<Integer, BlockReport> reports) implements Event {
        public BlocksPolled {
            reports = Map.copyOf(reports);
        }
    }

    /** A look that failed: nothing is known anew. */
    record PollFailed(String batchSystem, long look, String message) implements Event {}

    /** The user says that a broken site is whole again. */
    record SiteResumed(int site) implements Event {}

    record StopRequested(StopMode mode, Duration timeout) implements Event {}

    /** Time passed. Timers fire here and nowhere else. */
    record Tick() implements Event {}

    /** The loop was held up (a full disk, a suspended machine): every deadline moves by so much. */
    record Stalled(Duration time) implements Event {}

    /** Goes on with work that was too much for one turn. */
    record Continue() implements Event {}
}
