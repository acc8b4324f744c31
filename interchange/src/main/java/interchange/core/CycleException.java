package interchange.core;

import java.util.List;

/** Jobs that wait for one another in a circle, so that none of them could ever run. */
public final class CycleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Integer> jobs;

    public CycleException(List<Integer> jobs) {
        super("jobs need one another in a circle: " + jobs);
        this.jobs = List.copyOf(jobs);
    }

    /** Indices of one circle: each job needs the one before it, and the first needs the last. */
    public List<Integer> jobs() {
        return jobs;
    }
}
