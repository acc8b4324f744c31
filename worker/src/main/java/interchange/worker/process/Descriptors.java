package interchange.worker.process;

import java.io.File;

/** The open descriptors of this process. */
final class Descriptors {
    /**
     * How far above the highest one a job closes: what threads that don't take the {@link ForkLock} may have opened
     * since (the sampler, the class loader, the packer), given that a new descriptor is always the lowest free one.
     */
    private static final int MARGIN = 16;

    private static final File LIST = new File("/proc/self/fd");

    private Descriptors() {}

    /** No descriptor of this process is above it when a process is started. */
    static int highest() {
        String[] names = LIST.list();
        if (names == null) {
            throw new IllegalStateException("can't list " + LIST);
        }
        int highest = 2;
        for (String name : names) {
            highest = Math.max(highest, Integer.parseInt(name));
        }
        return highest + MARGIN;
    }
}
