package interchange.core;

/**
 * What a job asks of the place where it runs. Ready jobs of one shape wait in one queue.
 *
 * @param site index of the site
 * @param memoryMiB 0: not said
 * @param diskMiB 0: not said
 * @param walltimeSeconds 0: not known
 * @param alone fits no block of its site, and runs by itself on the largest worker
 * @param limits names of the limits that it counts for, in the words of the workflow; empty: none
 * @param ofLabel the limit of its label in its run
 */
public record Shape(
        int site,
        int cpus,
        int memoryMiB,
        int diskMiB,
        int walltimeSeconds,
        boolean alone,
        String limits,
        LabelLimit ofLabel) {

    /**
     * So many jobs of a label may run at a time in a run.
     *
     * @param label its index in the run
     * @param most 0: no limit
     */
    public record LabelLimit(int run, int label, int most) {
        public static final LabelLimit NONE = new LabelLimit(0, 0, 0);
    }

    public Shape(int site, int cpus, int memoryMiB, int walltimeSeconds, boolean alone) {
        this(site, cpus, memoryMiB, 0, walltimeSeconds, alone, "", LabelLimit.NONE);
    }

    /** What a job asks of this site: alone, where it is too large for its workers. */
    public static Shape at(Site site, int cpus, int memoryMiB, int diskMiB, int walltimeSeconds, String limits) {
        return new Shape(site.index(), cpus, memoryMiB, diskMiB, walltimeSeconds, false, limits, LabelLimit.NONE)
                .in(site);
    }

    /** What is not known holds anything. */
    private static boolean exceeds(int wanted, int has) {
        return has > 0 && wanted > has;
    }

    /** The same, with no other job beside it. */
    Shape byItself() {
        return new Shape(site, cpus, memoryMiB, diskMiB, walltimeSeconds, true, limits, ofLabel);
    }

    Shape withMemory(int otherMiB) {
        return new Shape(site, cpus, otherMiB, diskMiB, walltimeSeconds, alone, limits, ofLabel);
    }

    /** The same on another pool of its site. */
    Shape in(Site pool) {
        boolean tooLarge =
                exceeds(cpus, pool.cores()) || exceeds(memoryMiB, pool.memoryMiB()) || exceeds(diskMiB, pool.diskMiB());
        return new Shape(pool.index(), cpus, memoryMiB, diskMiB, walltimeSeconds, alone || tooLarge, limits, ofLabel);
    }

    Shape limitedBy(LabelLimit label) {
        return new Shape(site, cpus, memoryMiB, diskMiB, walltimeSeconds, alone, limits, label);
    }
}
