package interchange.journal;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads committed rows over a connection of its own. Belongs to one thread. */
public interface JournalReader extends AutoCloseable {

    /** The run that this submission became, if it is visible. */
    Optional<Integer> findSubmission(String submission);

    /** The run named by id, submit directory or global id; of several in one directory the newest. */
    Optional<Integer> findRun(String name);

    RunHeader header(int run);

    /**
     * @param endedEpochMillis 0: not ended
     * @param abort the job that has ended it before its time; empty: none
     */
    record RunRow(
            RunHeader header,
            interchange.core.RunState state,
            long endedEpochMillis,
            String held,
            boolean cancelling,
            Optional<Abort> abort) {}

    /** @param returnValue what the exit code of the job means for the run; 0: it succeeded */
    record Abort(String job, int exitCode, int returnValue) {}

    Optional<RunRow> run(int run);

    /** Visible runs, newest first: those that go on, and those that ended after a time. */
    List<RunRow> runs(long endedAfterEpochMillis);

    /** Indices of the sites that its jobs name. */
    List<Integer> sites(int run);

    /** As stored, of the sites whose workers had jobs that FAILED; a thousand of these jobs are looked at. */
    List<String> settingsWhereFailed(int run);

    Optional<Integer> findJob(int run, String name);

    JobSpec job(int run, int job);

    /** What is sent of these jobs, in their order; one reading however many they are. */
    List<JobCommand> commands(int run, List<Integer> jobs);

    /**
     * Jobs with their last ended attempt, ascending.
     *
     * @param after only indices above it
     */
    List<JobRow> jobs(int run, int after, int limit);

    /** Attempts of one job, oldest first. */
    List<AttemptRow> attempts(int run, int job);

    /** Who has run the attempts of a job, by their numbers. */
    Map<Integer, Runner> runners(int run, int job);

    /**
     * A worker process.
     *
     * @param incarnation random, of this process alone
     * @param site the settings of its site, as stored; empty: they are not known any more
     */
    record Runner(String host, String incarnation, String site) {}

    /** How many jobs have rows: more than the run has, while jobs that one of them has brought are being staged. */
    int stagedJobs(int run);

    /** Names and indices of all its jobs. */
    Map<String, Integer> jobNames(int run);

    /** Files that travel with a job. */
    List<JobFile> files(int run, int job);

    /** Codes of {@code JobEnd} by job: what is durable of an ended run's jobs. */
    byte[] ends(int run);

    /** The jobs that FAILED, by label. */
    Map<String, FailedJobs> failedJobs(int run);

    /**
     * Those of one label.
     *
     * @param exitCodes of each job's last attempt: its exit code, or the signal that ended it; by job
     * @param reasons the commonest of those that the exit code doesn't tell
     */
    record FailedJobs(List<Integer> exitCodes, List<Reason> reasons) {
        public FailedJobs {
            exitCodes = List.copyOf(exitCodes);
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * Why some jobs failed.
     *
     * @param message of one of them
     * @param job this one
     */
    record Reason(interchange.core.AttemptEnd end, String message, String job, int jobs) {}

    /** Jobs that ran out of memory since the run began or was restarted, by label in the order of reports. */
    List<OutOfMemory> outOfMemory(int run);

    /**
     * Those of one label.
     *
     * @param attempts of these jobs, those that ended so
     * @param failed how many of them have failed
     * @param memoryMiB what they asked for at first, at most
     * @param raisedMiB what one of them asks for by now, at most; 0: none asks for more
     * @param grows whether they ask for more when they are tried again
     */
    record OutOfMemory(String label, int jobs, int attempts, int failed, int memoryMiB, int raisedMiB, boolean grows) {}

    /** What jobs took against what they asked for, by label in the order of the journal; labels without are not here. */
    List<LabelUsage> usage(int run);

    /** How many jobs of a label run after all others. */
    Map<String, Integer> finalJobs(int run);

    /** By label index (order of {@link RunHeader#labels}) and {@code JobEnd} code: how many jobs. */
    int[][] endCounts(int run);

    @Override
    void close();

    /**
     * @param attempts how many there were, without those that were taken back before they started
     * @param last likewise; empty: none has ended
     */
    record JobRow(int job, String name, String label, int attempts, int memoryMiB, Optional<AttemptRow> last) {}

    /** @param end empty: open */
    record AttemptRow(
            int job,
            int number,
            Optional<interchange.core.AttemptEnd> end,
            int exitCode,
            int signal,
            String message,
            String host,
            long assignedEpochMillis,
            long startedEpochMillis,
            long endedEpochMillis,
            long cpuMillis,
            long peakMemoryMiB,
            boolean warm) {}
}
