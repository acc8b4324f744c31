package interchange.worker;

import interchange.proto.worker.AttemptName;

/** One execution of a job, as the daemon names it. */
record AttemptId(int run, int job, int number) {
    static AttemptId of(AttemptName name) {
        return new AttemptId(name.getRun(), name.getJob(), name.getNumber());
    }

    AttemptName toProto() {
        return AttemptName.newBuilder()
                .setRun(run)
                .setJob(job)
                .setNumber(number)
                .build();
    }

    @Override
    public String toString() {
        return run + "." + job + "." + number;
    }
}
