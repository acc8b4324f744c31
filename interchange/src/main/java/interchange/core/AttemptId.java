package interchange.core;

/** One execution of a job: the unit that results are about. Numbers count from 0 over all the job's life. */
public record AttemptId(int run, int job, int number) {
    public JobId jobId() {
        return new JobId(run, job);
    }

    @Override
    public String toString() {
        return run + "." + job + "." + number;
    }
}
