package interchange.worker;

import interchange.proto.worker.Task;

/** The cores and memory that jobs may use together, and what of it is free. */
final class Capacity {
    private final int cores;
    private final long memoryMiB;
    private int freeCores;
    private long freeMemoryMiB;

    Capacity(int cores, long memoryMiB) {
        this.cores = cores;
        this.memoryMiB = memoryMiB;
        freeCores = cores;
        freeMemoryMiB = memoryMiB;
    }

    boolean fits(Task task) {
        return coresOf(task) <= freeCores && memoryOf(task) <= freeMemoryMiB;
    }

    void take(Task task) {
        freeCores -= coresOf(task);
        freeMemoryMiB -= memoryOf(task);
    }

    void giveBack(Task task) {
        freeCores += coresOf(task);
        freeMemoryMiB += memoryOf(task);
        if (freeCores > cores || freeMemoryMiB > memoryMiB) {
            throw new IllegalStateException("more given back than taken");
        }
    }

    long freeMemoryMiB() {
        return freeMemoryMiB;
    }

    /** One that asks for more than there is takes all: the daemon has decided to run it alone. */
    private int coresOf(Task task) {
        return Math.clamp(task.getCpus(), 0, cores);
    }

    private long memoryOf(Task task) {
        return Math.clamp(task.getMemoryMib(), 0, memoryMiB);
    }
}
