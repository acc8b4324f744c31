package interchange.core;

/**
 * What a job asks of the place where it runs. Ready jobs of one shape wait in one queue.
 *
 * @param site index of the site
 * @param walltimeSeconds 0: not known
 * @param alone fits no block of its site, and runs by itself on the largest worker
 */
public record Shape(int site, int cpus, int memoryMiB, int walltimeSeconds, boolean alone) {

    /** What a job asks of this site: alone, where it is too large for its workers. */
    public static Shape at(Site site, int cpus, int memoryMiB, int walltimeSeconds) {
        boolean manyCpus = site.cores() > 0 && cpus > site.cores();
        boolean muchMemory = site.memoryMiB() > 0 && memoryMiB > site.memoryMiB();
        boolean alone = manyCpus || muchMemory;
        return new Shape(site.index(), cpus, memoryMiB, walltimeSeconds, alone);
    }

    /** The same, with no other job beside it. */
    Shape byItself() {
        return new Shape(site, cpus, memoryMiB, walltimeSeconds, true);
    }
}
