package interchange.core;

/** A job: the run's id and the job's index in the run, from 0. */
public record JobId(int run, int job) {}
