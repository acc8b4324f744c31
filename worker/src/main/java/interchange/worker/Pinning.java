package interchange.worker;

import interchange.worker.process.Affinity;
import interchange.worker.process.JobProcess;
import interchange.worker.process.NotStartedException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives each job cores of its own, out of those that this worker may use. Only where the worker has as many as it gives to
 * jobs, since of a part of a node nobody says which part it is; and where no other worker has claimed one of them, since
 * both would begin with the same. Jobs that are not pinned find those that are idle by themselves. The loop's.
 */
final class Pinning {
    private static final Logger LOG = LoggerFactory.getLogger(Pinning.class);

    private final BitSet own;
    /** What counts as one core: a core with all its threads, or one of them. */
    private final List<BitSet> units;

    private final BitSet free = new BitSet();
    private final int cores;
    private final CoreClaims claims;
    private boolean on;
    private String told = "";

    /**
     * @param cores that the worker gives to jobs
     * @param own processors that it may use
     */
    Pinning(int cores, BitSet own, List<BitSet> physical, CoreClaims claims) {
        this.cores = cores;
        this.own = own;
        this.claims = claims;
        units = physical.size() == cores ? List.copyOf(physical) : single(own);
        free.set(0, units.size());
    }

    static Pinning of(int cores) {
        BitSet own = Affinity.ofThisThread();
        return new Pinning(cores, own, Affinity.cores(own), CoreClaims.ofThisUser());
    }

    private static List<BitSet> single(BitSet processors) {
        List<BitSet> all = new ArrayList<>();
        processors.stream().forEach(one -> {
            var unit = new BitSet();
            unit.set(one);
            all.add(unit);
        });
        return all;
    }

    void turn(boolean wanted) {
        if (!wanted) {
            claims.release();
            on = false;
        } else if (!on) {
            Optional<String> obstacle = obstacle();
            obstacle.ifPresent(this::tell);
            on = obstacle.isEmpty();
        }
    }

    private Optional<String> obstacle() {
        return units.size() == cores
                ? claims.take(own)
                : Optional.of("this worker gives " + cores + " cores to jobs and may use " + own.cardinality()
                        + " processors, so which are its own can't be told; give it the whole node, or have the batch"
                        + " system bind it");
    }

    /** At each connection it is looked at again. */
    private void tell(String obstacle) {
        if (!obstacle.equals(told)) {
            told = obstacle;
            LOG.warn("jobs are not pinned: {}", obstacle);
        }
    }

    /** Has a job started on cores of its own, if it is to have some: what a thread starts inherits its processors. */
    JobProcess start(Attempt attempt, Jobs.Start how) throws NotStartedException {
        if (!on || attempt.task().getCpus() <= 0) {
            return how.of(attempt);
        }
        attempt.cores(take(Math.min(attempt.task().getCpus(), cores)));
        boolean bound = Affinity.setOfThisThread(processors(attempt.cores()));
        boolean started = false;
        try {
            JobProcess process = how.of(attempt);
            started = true;
            return process;
        } finally {
            if (bound) {
                Affinity.setOfThisThread(own);
            }
            if (!started) {
                giveBack(attempt);
            }
        }
    }

    void giveBack(Attempt attempt) {
        free.or(attempt.cores());
        attempt.cores(new BitSet());
    }

    /** Neighbours if there are: they share caches and memory. */
    private BitSet take(int count) {
        var taken = new BitSet();
        int from = neighbours(count);
        for (int unit = free.nextSetBit(from); unit >= 0 && taken.cardinality() < count; ) {
            taken.set(unit);
            unit = free.nextSetBit(unit + 1);
        }
        free.andNot(taken);
        return taken;
    }

    /** Where the shortest row of free ones begins that is long enough; 0: there is none. */
    private int neighbours(int count) {
        int best = 0;
        int bestLength = Integer.MAX_VALUE;
        for (int from = free.nextSetBit(0); from >= 0; ) {
            int to = free.nextClearBit(from);
            if (to - from >= count && to - from < bestLength) {
                best = from;
                bestLength = to - from;
            }
            from = free.nextSetBit(to);
        }
        return best;
    }

    private BitSet processors(BitSet taken) {
        var all = new BitSet();
        taken.stream().forEach(unit -> all.or(units.get(unit)));
        return all;
    }
}
