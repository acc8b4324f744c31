package interchange.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All limits of how many jobs may be at workers at a time, by what they are about. */
final class Limits {
    /** What the limit of a label is called, to jobs of that label. */
    static final String OF_LABEL = "maxJobs of its label";

    /** Numbers of named limits, as the daemon is configured; a name that is not here limits nothing. */
    @Fleeting
    private final Map<String, Integer> configured;

    @Fleeting
    private final Map<String, Limit> known = new HashMap<>();

    Limits(Map<String, Integer> configured) {
        this.configured = Map.copyOf(configured);
    }

    /** What jobs of a shape count for. */
    List<Limit.Share> sharesOf(Shape shape, SiteState site) {
        List<Limit.Share> shares = new ArrayList<>();
        for (LimitName name : LimitName.parse(shape.limits())) {
            Integer most = configured.get(name.name());
            if (most != null) {
                String words = "concurrency limit '" + name.name() + "'";
                shares.add(Limit.Share.of(limit("name " + name.name(), words, most), name.weight()));
            }
        }
        Shape.LabelLimit label = shape.ofLabel();
        if (label.most() > 0) {
            String key = "label " + label.run() + "/" + label.label();
            shares.add(Limit.Share.of(limit(key, OF_LABEL, label.most()), 1));
        }
        if (site.site.maxJobs() > 0) {
            // Pools of a section share its limit.
            String section = site.site.section();
            String key = "site " + section + "/" + site.site.maxJobs();
            shares.add(Limit.Share.of(limit(key, "maxJobs of site '" + section + "'", site.site.maxJobs()), 1));
        }
        return shares;
    }

    private Limit limit(String key, String words, int most) {
        return known.computeIfAbsent(key, same -> new Limit(words, most));
    }

    /** Whether this name has a number. */
    boolean isConfigured(LimitName name) {
        return configured.containsKey(name.name());
    }

    /** Limits of labels go with their run. */
    void forget(int run) {
        known.keySet().removeIf(key -> key.startsWith("label " + run + "/"));
    }
}
