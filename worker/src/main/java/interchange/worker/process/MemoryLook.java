package interchange.worker.process;

/**
 * The memory of a node at one moment, or of the cgroup that has less left.
 *
 * @param availableKiB that processes can still get without swapping
 */
public record MemoryLook(long availableKiB, long totalKiB) {
    private static final long SHORT_KIB = 256 << 10;
    private static final int SHORT_PERCENT = 2;
    private static final int GETTING_SHORT_PERCENT = 10;
    private static final int DANGER_PART = 2;

    /** Whether something must go at once, or the kernel chooses it. */
    public boolean isShort() {
        return availableKiB < shortKiB();
    }

    /** Whether nothing may be waited for any more: the kernel is about to choose. */
    public boolean isInDanger() {
        return availableKiB < shortKiB() / DANGER_PART;
    }

    public boolean isGettingShort() {
        return availableKiB < totalKiB * GETTING_SHORT_PERCENT / 100;
    }

    /** What should be left; of a small cgroup not too much of it. */
    private long shortKiB() {
        return Math.min(Math.max(totalKiB * SHORT_PERCENT / 100, SHORT_KIB), totalKiB * GETTING_SHORT_PERCENT / 100);
    }

    /** How far it is from being short. */
    long spareKiB() {
        return availableKiB - shortKiB();
    }
}
