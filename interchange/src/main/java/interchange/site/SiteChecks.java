package interchange.site;

import interchange.settings.Key;
import interchange.settings.NearMiss;
import interchange.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What must be true of a site's keys together, each value being right by itself. */
final class SiteChecks {
    private static final List<String> PROVIDERS = List.of(SiteConfig.LOCAL, "slurm", "pbs", "lsf", SiteConfig.SRUN);

    /** Names appear in file names, tables and batch systems; {@code ~n} comes to them where contents differ. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)?");

    private static final int NAME_MAX = 48;

    private final String subject;
    private final Settings given;
    private final List<String> problems;

    private SiteChecks(String subject, Settings given, List<String> problems) {
        this.subject = subject;
        this.given = given;
        this.problems = problems;
    }

    /**
     * Adds every problem.
     *
     * @param subject what problems begin with
     */
    static void check(String subject, String name, Settings given, List<String> problems) {
        SiteChecks checks = new SiteChecks(subject, given, problems);
        checks.checkName(name);
        checks.checkProvider();
        checks.checkBlocks();
        checks.checkTimes();
        checks.checkQueue();
        checks.checkOversize();
    }

    private void checkName(String name) {
        if (!NAME.matcher(name).matches() || name.length() > NAME_MAX) {
            problems.add(subject + ": a name has letters, digits, _ and -, up to " + NAME_MAX
                    + " of them together with that of a pool, and begins with none of . and -");
        }
        Optional<String> inside = given.find(SiteKeys.NAME);
        if (inside.isPresent() && !inside.get().equals(name)) {
            problems.add(subject + ": name is \"" + inside.get() + "\"; allowed: \"" + name + "\", or leave it out");
        }
    }

    private void checkProvider() {
        Optional<String> provider = given.find(SiteKeys.PROVIDER);
        String known = "known providers: " + String.join(", ", PROVIDERS);
        if (provider.isEmpty()) {
            problems.add(subject + ": provider is missing; " + known);
        } else if (!PROVIDERS.contains(provider.get())) {
            String near = NearMiss.of(provider.get(), PROVIDERS)
                    .map(some -> "; did you mean '" + some + "'?")
                    .orElse("");
            problems.add(subject + ": there is no provider '" + provider.get() + "'; " + known + near);
        } else {
            for (Map.Entry<String, Object> entry : given.plain().entrySet()) {
                boolean asIfLeftOut = entry.getValue().equals("");
                if (!asIfLeftOut && !SiteKeys.means(entry.getKey(), provider.get())) {
                    problems.add(subject + ": " + entry.getKey() + " means nothing to the provider '" + provider.get()
                            + "'; remove it");
                }
            }
        }
    }

    private void checkBlocks() {
        int most = given.get(SiteKeys.MAX_BLOCKS);
        for (Key<Integer> key : List.of(SiteKeys.INIT_BLOCKS, SiteKeys.MIN_BLOCKS)) {
            if (given.get(key) > most) {
                problems.add(subject + ": " + key.name() + " is " + given.get(key)
                        + "; allowed: at most maxBlocks, which is " + most);
            }
        }
    }

    private void checkTimes() {
        Optional<Duration> walltime = given.find(SiteKeys.WALLTIME);
        if (walltime.isEmpty()) {
            return;
        }
        for (Key<Duration> key : List.of(SiteKeys.DRAIN_BEFORE, SiteKeys.MIN_REMAINING)) {
            Optional<Duration> value = given.find(key);
            if (value.isPresent() && walltime.get().compareTo(value.get()) <= 0) {
                problems.add(
                        subject + ": walltime is " + SiteKeys.WALLTIME.type().plain(walltime.get())
                                + "; allowed: more than " + key.name() + ", which is "
                                + key.type().plain(value.get()));
            }
        }
    }

    private void checkQueue() {
        String queue = given.find(SiteKeys.QUEUE).orElse("");
        String partition = given.find(SiteKeys.PARTITION).orElse("");
        if (!queue.isEmpty() && !partition.isEmpty() && !queue.equals(partition)) {
            problems.add(subject + ": queue is \"" + queue + "\" and partition is \"" + partition
                    + "\", but they mean the same; remove one of them");
        }
    }

    /** On a batch system nobody knows what a worker holds before the first one runs. */
    private void checkOversize() {
        boolean batch = !given.find(SiteKeys.PROVIDER).orElse(SiteConfig.LOCAL).equals(SiteConfig.LOCAL);
        boolean unknown = !given.has(SiteKeys.CORES) || !given.has(SiteKeys.MEMORY);
        if (batch && unknown && given.get(SiteKeys.OVERSIZE).equals("fail")) {
            problems.add(subject + ": oversize: fail needs cores and memory, to know what fits");
        }
    }
}
