package interchange.core;

import java.util.List;

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
    final int diskMiB;

    /** What it counts for while a worker has it. */
    @Fleeting
    final List<Limit.Share> shares;

    @Fleeting
    final boolean alone;

    /** Beyond what its worker had room for when it was given: may be taken back. */
    @Fleeting
    boolean ahead;

    @Fleeting
    boolean retracting;

    @Fleeting
    long assignedSteadyMillis;

    /** Of a job of this queue: with the worker to itself, where it is too large for the site's workers. */
    Attempt(AttemptId id, Worker worker, ReadyQueue queue) {
        Shape shape = queue.shape;
        this.id = id;
        this.worker = worker;
        this.shares = queue.shares;
        this.alone = worker.site.runsAlone(shape);
        this.cpus = alone ? worker.cores : shape.cpus();
        this.memoryMiB = alone ? worker.memoryMiB : shape.memoryMiB();
        this.diskMiB = alone ? worker.diskMiB() : shape.diskMiB();
    }

    boolean started() {
        return startedEpochMillis > 0;
    }
}
