package interchange.workflow;

import interchange.core.Shape;
import interchange.settings.InvalidSettingsException;
import interchange.settings.NearMiss;
import interchange.site.SiteConfig;
import interchange.site.SiteConfig.Oversize;
import interchange.workflow.SiteResolver.RunSite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where jobs are to run: finds their sites and pools, and says which could never run there. */
final class Placement {
    /** What of a block's walltime passes before its worker can take a job. */
    private static final Duration START_TIME = Duration.ofSeconds(60);

    private final SiteResolver resolver;
    private final String standardSite;
    private final Problems problems;
    private final Map<String, List<RunSite>> sites = new HashMap<>();
    private final Set<String> unusable = new HashSet<>();
    private final Map<Shape, Shape> shapes = new HashMap<>();
    /** By shape and label: what fits nowhere, with the first such job and how many more. */
    private final Map<String, Oversized> oversized = new LinkedHashMap<>();

    Placement(SiteResolver resolver, String standardSite, Problems problems) {
        this.resolver = resolver;
        this.standardSite = standardSite;
        this.problems = problems;
    }

    /** The site of a job; empty when there is none, which has been said then. */
    Optional<RunSite> siteOf(long line, JobLine job) {
        String name = job.site.isEmpty() ? standardSite : job.site;
        if (name.isEmpty()) {
            problems.addToJob(line, job.name, "has no site, and the workflow has none for all");
            return Optional.empty();
        }
        List<RunSite> pools = sites.computeIfAbsent(name, this::find);
        if (pools.isEmpty() && !unusable.contains(name)) {
            List<String> known = sites.entrySet().stream()
                    .filter(entry -> !entry.getValue().isEmpty())
                    .map(Map.Entry::getKey)
                    .toList();
            String near = NearMiss.of(name, known)
                    .map(some -> "; did you mean '" + some + "'?")
                    .orElse("; describe it in the workflow, or in sites.yaml of the daemon's home");
            problems.addToJob(line, job.name, "there is no site '" + name + "'" + near);
        }
        return poolFor(job, pools);
    }

    private List<RunSite> find(String name) {
        try {
            return resolver.find(name);
        } catch (InvalidSettingsException e) {
            e.problems().forEach(problem -> problems.add(0, problem));
            unusable.add(name);
            return List.of();
        }
    }

    /**
     * The smallest pool that holds the job. Where none does, that of its memory, whose workers lack cores; else the largest.
     */
    private static Optional<RunSite> poolFor(JobLine job, List<RunSite> smallestFirst) {
        if (smallestFirst.size() <= 1) {
            return smallestFirst.stream().findFirst();
        }
        Optional<RunSite> roomy = Optional.empty();
        for (RunSite pool : smallestFirst) {
            if (hasMemoryAndTime(job, pool.config())) {
                if (fits(job.cpus, pool.config().cores())) {
                    return Optional.of(pool);
                }
                roomy = roomy.isEmpty() ? Optional.of(pool) : roomy;
            }
        }
        return roomy.isPresent() ? roomy : Optional.of(smallestFirst.getLast());
    }

    private static boolean hasMemoryAndTime(JobLine job, SiteConfig pool) {
        return fits(job.memoryMiB, pool.maxJobMemoryMiB())
                && fits(job.memoryMiB, pool.memoryMiB())
                && fits(job.diskMiB, pool.diskMiB())
                && lasts(Duration.ofSeconds(job.walltimeSeconds), pool);
    }

    /** What is not known holds anything. */
    private static boolean fits(long wanted, int has) {
        return has == 0 || wanted <= has;
    }

    private static boolean lasts(Duration wanted, SiteConfig config) {
        Duration block = config.walltime();
        return block.isZero() || wanted.plus(START_TIME).compareTo(block) <= 0;
    }

    /** What a job asks of its site; the same object for equal jobs. */
    Shape shapeOf(long line, JobLine job, RunSite site) {
        int cpus = (int) Math.max(1, job.cpus);
        int memoryMiB = (int) job.memoryMiB;
        int diskMiB = (int) job.diskMiB;
        SiteConfig config = site.config();
        checkWalltime(line, job, config);
        boolean alone =
                !fits(cpus, config.cores()) || !fits(memoryMiB, config.memoryMiB()) || !fits(diskMiB, config.diskMiB());
        if (alone) {
            String what = "needs " + cpus + (cpus == 1 ? " cpu" : " cpus") + " and " + memoryMiB
                    + " MiB" + (fits(diskMiB, config.diskMiB()) ? "" : " and " + diskMiB + " MiB of disk")
                    + "; a worker of site '"
                    + config.name() + "' has " + capacity(config);
            if (config.oversize() == Oversize.FAIL) {
                problems.addToJob(
                        line, job.name, what + "; ask for less, or give the site larger workers or oversize: alone");
            } else {
                oversized.computeIfAbsent(job.label + "\0" + what, key -> new Oversized(job.name, what)).count++;
            }
        }
        Shape shape = new Shape(
                site.index(),
                cpus,
                memoryMiB,
                diskMiB,
                (int) job.walltimeSeconds,
                alone,
                job.concurrencyLimit.strip(),
                Shape.LabelLimit.NONE);
        return shapes.computeIfAbsent(shape, same -> same);
    }

    private static String capacity(SiteConfig config) {
        List<String> has = new ArrayList<>();
        if (config.cores() > 0) {
            has.add(config.cores() + (config.cores() == 1 ? " cpu" : " cpus"));
        }
        if (config.memoryMiB() > 0) {
            has.add(config.memoryMiB() + " MiB");
        }
        if (config.diskMiB() > 0) {
            has.add(config.diskMiB() + " MiB of disk");
        }
        return String.join(" and ", has);
    }

    private void checkWalltime(long line, JobLine job, SiteConfig config) {
        Duration block = config.walltime();
        Duration wanted = Duration.ofSeconds(job.walltimeSeconds);
        if (!lasts(wanted, config)) {
            problems.addToJob(
                    line,
                    job.name,
                    "has a walltime of " + minutes(wanted) + " min; a block of site '" + config.name() + "' lasts "
                            + minutes(block) + " min, of which one may pass before a job starts");
        }
    }

    private static String minutes(Duration time) {
        double minutes = time.toMillis() / 60_000.0;
        return minutes == Math.rint(minutes) ? String.valueOf((long) minutes) : "%.1f".formatted(minutes);
    }

    /** Jobs that will run alone because they fit nowhere. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (Oversized some : oversized.values()) {
            String others = some.count == 1 ? "" : " (and " + (some.count - 1) + " more of its label)";
            warnings.add("job '" + some.firstJob + "'" + others + " " + some.what
                    + "; it will run alone on the largest worker (oversize: fail would refuse it)");
        }
        return warnings;
    }

    private static final class Oversized {
        final String firstJob;
        final String what;
        int count;

        Oversized(String firstJob, String what) {
            this.firstJob = firstJob;
            this.what = what;
        }
    }
}
