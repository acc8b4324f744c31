package interchange.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Copies for people what limits have to do with a run. */
final class LimitView {
    private LimitView() {}

    static Snapshots.LimitsSnapshot of(State state, int id) {
        Run run = state.runs.get(id);
        return run == null
                ? Snapshots.LimitsSnapshot.NONE
                : new Snapshots.LimitsSnapshot(reached(state, run), withoutNumber(state, run));
    }

    private static List<Snapshots.ReachedLimit> reached(State state, Run run) {
        Map<String, Snapshots.ReachedLimit> reached = new LinkedHashMap<>();
        for (ReadyQueue queue : state.queues.values()) {
            int waiting = queue.mayStart() ? 0 : queue.liveOf(run);
            for (Limit.Share share : waiting == 0 ? List.<Limit.Share>of() : queue.shares) {
                if (!share.isFree()) {
                    Limit limit = share.limit();
                    String name = limit.name.equals(Limits.OF_LABEL) ? nameOf(run, queue.shape.ofLabel()) : limit.name;
                    reached.merge(
                            name,
                            new Snapshots.ReachedLimit(name, limit.used, limit.most, waiting),
                            Snapshots.ReachedLimit::and);
                }
            }
        }
        return List.copyOf(reached.values());
    }

    private static String nameOf(Run run, Shape.LabelLimit label) {
        return "maxJobs of label '" + run.graph.labelTable().get(label.label()) + "'";
    }

    /** Final jobs aside: BPS gives theirs a name by default, which means nothing on most machines. */
    private static List<String> withoutNumber(State state, Run run) {
        boolean[] used = new boolean[run.graph.shapeTable().size()];
        for (int job = 0; job < run.jobs(); job++) {
            used[run.graph.shapes()[job]] |= !run.isFinal(job);
        }
        Set<String> names = new LinkedHashSet<>();
        for (int shape = 0; shape < used.length; shape++) {
            List<LimitName> limits = used[shape]
                    ? LimitName.parse(run.graph.shapeTable().get(shape).limits())
                    : List.of();
            for (LimitName limit : limits) {
                if (!state.limits.isConfigured(limit)) {
                    names.add(limit.name());
                }
            }
        }
        return new ArrayList<>(names);
    }
}
