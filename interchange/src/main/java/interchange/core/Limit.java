package interchange.core;

import java.util.LinkedHashSet;
import java.util.Set;

/** So many jobs may be at workers at a time: of those that share a resource, of one label in a run, or of one site. */
final class Limit {
    /** As people are told of it. */
    @Fleeting
    final String name;

    @Fleeting
    final int most;

    /** What the jobs at workers count. */
    @Fleeting
    int used;

    /** What waits for it. */
    @Fleeting
    final Set<ReadyQueue> queues = new LinkedHashSet<>();

    Limit(String name, int most) {
        this.name = name;
        this.most = most;
    }

    int free() {
        return Math.max(0, most - used);
    }

    /**
     * What each job of a queue counts for a limit.
     *
     * @param weight at most the limit's number, so that a job that counts more runs by itself
     */
    record Share(Limit limit, int weight) {
        static Share of(Limit limit, int weight) {
            return new Share(limit, Math.min(weight, limit.most));
        }

        boolean isFree() {
            return limit.used + weight <= limit.most;
        }
    }
}
