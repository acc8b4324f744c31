package interchange.core;

/** An attempt that has no end yet. */
final class Attempt {
    @Durable
    final AttemptId id;

    @Durable
    final Worker worker;

    /** By the worker's clock; 0: not started, as far as is known. */
    @Durable
    long startedEpochMillis;

    /** What it takes of its worker; more than its shape where it runs alone. */
    @Fleeting
    final int cpus;

    @Fleeting
    final int memoryMiB;

    @Fleeting
    final boolean alone;

    /** Beyond what its worker had room for when it was given: may be taken back. */
    @Fleeting
    boolean ahead;

    @Fleeting
    boolean retracting;

    @Fleeting
    long assignedSteadyMillis;

    Attempt(AttemptId id, Worker worker, int cpus, int memoryMiB, boolean alone) {
        this.id = id;
        this.worker = worker;
        this.cpus = cpus;
        this.memoryMiB = memoryMiB;
        this.alone = alone;
    }

    /** Of a job of this shape: with the worker to itself, where it is too large for the site's workers. */
    static Attempt at(Worker worker, AttemptId id, Shape shape) {
        return worker.site.runsAlone(shape)
                ? new Attempt(id, worker, worker.cores, worker.memoryMiB, true)
                : new Attempt(id, worker, shape.cpus(), shape.memoryMiB(), false);
    }

    boolean started() {
        return startedEpochMillis > 0;
    }
}
