package interchange.site;

import com.google.protobuf.Struct;
import interchange.settings.InvalidSettingsException;
import interchange.settings.Settings;
import interchange.site.parsl.ParslSites;
import interchange.site.parsl.Shell;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads sections as users write them: native keys, pools, or a site class of the Parsl plugin. */
public final class SiteReader {
    /** From so many minutes on, a number may be a time of day that YAML made seconds of. */
    private static final int SUSPICIOUS_MINUTES = 3_600;

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
        warnOfNumber(plain);
        if (plain.get(SiteKeys.CLASS.name()) instanceof Object className) {
            Shell shell =
                    new Shell(subject, circumstances.architecture(), circumstances.allocation(), problems, warnings);
            plain = ParslSites.translate(String.valueOf(className), plain, SiteKeys.BESIDE_CLASS, shell);
            throwIfAny(); // what was not translated would be found to be missing
            spokenOf = " (in native keys, which the class " + className + " stands for)";
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

    private void warnOfNumber(Map<String, Object> section) {
        if (section.get(SiteKeys.WALLTIME.name()) instanceof Number number
                && number.doubleValue() >= SUSPICIOUS_MINUTES) {
            long value = number.longValue();
            warnings.add(subject + ": walltime is the number " + value + ", so " + value + " minutes; if you wrote "
                    + "%d:%02d:%02d".formatted(value / 3600, value / 60 % 60, value % 60)
                    + ", put it in quotes, since YAML makes seconds of it");
        }
    }

    private Optional<SiteConfig> single(Settings given) {
        if (given.has(SiteKeys.MAX_JOB_MEMORY)) {
            problems.add(subject + ": maxJobMemory means something in a pool only; remove it");
        }
        int before = problems.size();
        SiteChecks.check(subject, name, given, problems);
        return before == 0 && problems.isEmpty()
                ? Optional.of(SiteConfig.of(name, inAllocation(given), circumstances.machine()))
                : Optional.empty();
    }

    private List<SiteConfig> pools(Settings given, Map<String, Map<String, Object>> pools) {
        Settings common = given.without(SiteKeys.POOLS).without(SiteKeys.NAME);
        List<SiteConfig> sites = new ArrayList<>();
        pools.forEach((pool, section) -> pool(pool, section, common).ifPresent(sites::add));
        sites.sort(SMALLEST_FIRST);
        return sites;
    }

    private Optional<SiteConfig> pool(String pool, Map<String, Object> section, Settings common) {
        String of = subject + ", pool '" + pool + "'";
        List<String> found = new ArrayList<>();
        Settings own = SiteKeys.POOL.read(of, section, found);
        Settings base = own.has(SiteKeys.QUEUE) || own.has(SiteKeys.PARTITION)
                ? common.without(SiteKeys.QUEUE).without(SiteKeys.PARTITION)
                : common;
        Settings both = own.over(base);
        String full = name + "." + pool;
        SiteChecks.check(of, full, both, found);
        problems.addAll(found);
        return found.isEmpty()
                ? Optional.of(SiteConfig.of(full, inAllocation(both), circumstances.machine()))
                : Optional.empty();
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
