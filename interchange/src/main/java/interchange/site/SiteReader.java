package interchange.site;

import com.google.protobuf.Struct;
import interchange.settings.InvalidSettingsException;
import interchange.settings.Settings;
import interchange.site.parsl.ParslSites;
import interchange.site.parsl.Shell;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads sections as users write them: native keys, pools, or a site class of the Parsl plugin. */
public final class SiteReader {
    /** From 1:00:00 on, YAML makes such numbers of clock times without quotes, of which it counts the seconds. */
    private static final int SUSPICIOUS_MINUTES = 3_600;

    /** To whose batch systems 30:00 is half an hour. */
    private static final Set<Object> HALF_AN_HOUR = Set.of("slurm", "pbs");

    private static final Pattern TWO_PARTS = Pattern.compile("([0-9]+):([0-9]{2})");

    private final String name;
    private final String subject;
    private final Circumstances circumstances;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** Whose words problems are told in, where they are not those that the user wrote. */
    private String spokenOf = "";

    private SiteReader(String name, Circumstances circumstances) {
        this.name = name;
        this.subject = "site '" + name + "'";
        this.circumstances = circumstances;
    }

    /**
     * Reads a section.
     *
     * @throws InvalidSettingsException with every problem
     */
    public static SitePools read(String name, Map<String, ?> section, Circumstances circumstances)
            throws InvalidSettingsException {
        return new SiteReader(name, circumstances).read(section);
    }

    public static SitePools read(String name, Struct section, Circumstances circumstances)
            throws InvalidSettingsException {
        return read(name, StructMap.of(section), circumstances);
    }

    private SitePools read(Map<String, ?> section) throws InvalidSettingsException {
        Map<String, Object> plain = new LinkedHashMap<>(section);
        refuseOldEnvironment(plain);
        checkDot();
        if (plain.get(SiteKeys.CLASS.name()) instanceof Object className) {
            Shell shell =
                    new Shell(subject, circumstances.architecture(), circumstances.allocation(), problems, warnings);
            warnOfRetries(plain);
            plain = ParslSites.translate(String.valueOf(className), plain, SiteKeys.BESIDE_CLASS, shell);
            throwIfAny(); // what was not translated would be found to be missing
            spokenOf = " (in native keys, which the class " + className + " stands for)";
        } else {
            checkWalltime(subject, plain.get(SiteKeys.PROVIDER.name()), plain, problems);
        }
        Settings given = SiteKeys.SECTION.read(subject, plain, problems);
        List<SiteConfig> sites = given.find(SiteKeys.POOLS)
                .map(pools -> pools(given, pools))
                .orElseGet(() -> single(given).stream().toList());
        throwIfAny();
        return new SitePools(name, sites, warnings);
    }

    /** BPS itself stops at it, but a file of sites or a YAML workflow may come from the same hand. */
    private void refuseOldEnvironment(Map<String, Object> section) {
        Object environment = section.get(SiteKeys.ENVIRONMENT.name());
        if ("false".equals(String.valueOf(environment))) {
            section.remove(SiteKeys.ENVIRONMENT.name());
            warnings.add(subject + ": environment: false has no effect; exportEnvironment: false keeps the submitting"
                    + " shell's variables from jobs");
        } else if ("true".equals(String.valueOf(environment))) {
            section.remove(SiteKeys.ENVIRONMENT.name());
            problems.add(subject + ": environment is true; jobs see the submitting shell's variables without it"
                    + " (exportEnvironment: true, which is the default), and environment is a section of variables");
        }
    }

    private void checkDot() {
        if (name.contains(".")) {
            problems.add(subject + ": a name has no dot, which parts it from that of a pool; use _ or -");
        }
    }

    /** Under BPS every job says itself how often it is tried again. */
    private void warnOfRetries(Map<String, Object> section) {
        if (section.get(SiteKeys.RETRIES.name()) != null) {
            warnings.add(subject + ": retries has no effect on jobs that say it themselves, which those of BPS all do:"
                    + " numberOfRetries and retryUnlessExit decide");
        }
    }

    /** What means another time to YAML or to the batch system than to whoever wrote it. */
    private void checkWalltime(String of, @Nullable Object provider, Map<String, ?> section, List<String> found) {
        Object walltime = section.get(SiteKeys.WALLTIME.name());
        if (walltime instanceof Number number && number.doubleValue() >= SUSPICIOUS_MINUTES) {
            long value = number.longValue();
            found.add(of + ": walltime is the number " + value + ", which YAML makes of "
                    + "%d:%02d:%02d".formatted(value / 3600, value / 60 % 60, value % 60)
                    + " without quotes; write it in quotes, and so many minutes as \""
                    + "%d:%02d:00".formatted(value / 60, value % 60) + "\"");
        }
        if (walltime instanceof String text && provider != null && HALF_AN_HOUR.contains(provider)) {
            Matcher parts = TWO_PARTS.matcher(text.strip());
            if (parts.matches()) {
                warnings.add(of + ": walltime \"" + text.strip() + "\" is read as " + Integer.parseInt(parts.group(1))
                        + " h " + Integer.parseInt(parts.group(2))
                        + " min, while Slurm and PBS mean minutes and seconds"
                        + " by it; write all three parts");
            }
        }
    }

    private Optional<SiteConfig> single(Settings given) {
        if (given.has(SiteKeys.MAX_JOB_MEMORY)) {
            problems.add(subject + ": maxJobMemory means something in a pool only; remove it");
        }
        int before = problems.size();
        SiteChecks.check(subject, name, given, problems);
        return before == 0 && problems.isEmpty()
                ? Optional.of(complete(name, given, SiteConfig.workers(given)))
                : Optional.empty();
    }

    private List<SiteConfig> pools(Settings given, Map<String, Map<String, Object>> pools) {
        Settings common = given.without(SiteKeys.POOLS).without(SiteKeys.NAME);
        Map<String, Settings> read = new LinkedHashMap<>();
        pools.forEach(
                (pool, section) -> pool(pool, section, common).ifPresent(both -> read.put(name + "." + pool, both)));
        checkSingleton(read.values());
        if (read.size() < pools.size()) {
            return List.of();
        }
        // On `local` the pools share the machine.
        long workers = read.values().stream().mapToLong(SiteConfig::workers).sum();
        return read.entrySet().stream()
                .map(pool -> complete(pool.getKey(), pool.getValue(), workers))
                .sorted(SMALLEST_FIRST)
                .toList();
    }

    /** The site's own keys and the pool's, if they are right. */
    private Optional<Settings> pool(String pool, Map<String, Object> section, Settings common) {
        String of = subject + ", pool '" + pool + "'";
        List<String> found = new ArrayList<>();
        checkWalltime(of, common.find(SiteKeys.PROVIDER).orElse(""), section, found);
        Settings own = SiteKeys.POOL.read(of, section, found);
        Settings base = own.has(SiteKeys.QUEUE) || own.has(SiteKeys.PARTITION)
                ? common.without(SiteKeys.QUEUE).without(SiteKeys.PARTITION)
                : common;
        Settings both = own.over(base);
        SiteChecks.check(of, name + "." + pool, both, found);
        problems.addAll(found);
        return found.isEmpty() ? Optional.of(both) : Optional.empty();
    }

    /** One block of all pools runs at a time: one that is kept would keep the others from ever running. */
    private void checkSingleton(Collection<Settings> pools) {
        List<Settings> singletons = pools.stream()
                .filter(pool -> pool.find(SiteKeys.SINGLETON).orElse(false))
                .toList();
        if (singletons.size() > 1 && singletons.stream().anyMatch(pool -> pool.get(SiteKeys.MIN_BLOCKS) > 0)) {
            problems.add(
                    subject + ": singleton lets one block of all pools run at a time, which minBlocks would keep for"
                            + " ever; remove one of them");
        }
    }

    private SiteConfig complete(String full, Settings checked, long workers) {
        return SiteConfig.of(full, inAllocation(checked), circumstances.machine(), workers);
    }

    /** Stored with the site, since a later look at it comes from another shell. */
    private Settings inAllocation(Settings given) {
        boolean held = given.get(SiteKeys.PROVIDER).equals(SiteConfig.SRUN);
        boolean known = !given.find(SiteKeys.ALLOCATION).orElse("").isEmpty();
        return !held || known || circumstances.allocation().isEmpty()
                ? given
                : given.with(SiteKeys.ALLOCATION, circumstances.allocation());
    }

    /** What is not known counts as large. The name last, so that the order is the same each time. */
    private static final Comparator<SiteConfig> SMALLEST_FIRST = Comparator.<SiteConfig>comparingInt(
                    site -> orLargest(site.maxJobMemoryMiB() > 0 ? site.maxJobMemoryMiB() : site.memoryMiB()))
            .thenComparingInt(site -> orLargest(site.memoryMiB()))
            .thenComparingInt(site -> orLargest(site.cores()))
            .thenComparingLong(site -> orLargest((int) site.walltime().toSeconds()))
            .thenComparing(SiteConfig::name);

    private static int orLargest(int value) {
        return value == 0 ? Integer.MAX_VALUE : value;
    }

    private void throwIfAny() throws InvalidSettingsException {
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(
                    problems.stream().map(problem -> problem + spokenOf).toList());
        }
    }
}
