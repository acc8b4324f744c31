package interchange.site;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.ToNumberPolicy;
import com.google.protobuf.Struct;
import interchange.core.Site;
import interchange.provider.BlockTerms;
import interchange.settings.InvalidSettingsException;
import interchange.settings.NearMiss;
import interchange.settings.Settings;
import interchange.settings.YamlFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A site as its user describes it, valid and complete: what depends on the provider or the machine is filled in.
 *
 * <p>Two configurations are the same site when name and content are equal.
 */
public record SiteConfig(String name, Settings settings) {
    public static final String LOCAL = "local";
    private static final List<String> PROVIDERS = List.of(LOCAL, "slurm", "pbs", "lsf");

    /** Names appear in file names, tables and batch systems. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.~-]{0,63}");

    private static final Gson JSON = new GsonBuilder()
            .disableHtmlEscaping()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .create();

    /** What becomes of a job that no worker of the site could hold. */
    public enum Oversize {
        ALONE,
        FAIL
    }

    /**
     * Reads a section.
     *
     * @param machine where a `local` site would run
     * @throws InvalidSettingsException with every problem
     */
    public static SiteConfig parse(String name, Map<String, ?> section, NodeCapacity machine)
            throws InvalidSettingsException {
        List<String> problems = new ArrayList<>();
        String subject = "site '" + name + "'";
        if (!NAME.matcher(name).matches()) {
            problems.add(subject + ": a name has up to 64 letters, digits and . _ - and begins with a letter or digit");
        }
        Settings given = SiteKeys.TABLE.read(subject, section, problems);
        checkName(subject, name, given, problems);
        checkProvider(subject, given, problems);
        checkTogether(subject, given, problems);
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return new SiteConfig(name, completed(given, machine));
    }

    public static SiteConfig parse(String name, Struct section, NodeCapacity machine) throws InvalidSettingsException {
        return parse(name, StructMap.of(section), machine);
    }

    private static void checkName(String subject, String name, Settings given, List<String> problems) {
        Optional<String> inside = given.find(SiteKeys.NAME);
        if (inside.isPresent() && !inside.get().equals(name)) {
            problems.add(subject + ": name is \"" + inside.get() + "\"; allowed: \"" + name + "\", or leave it out");
        }
    }

    private static void checkProvider(String subject, Settings given, List<String> problems) {
        Optional<String> provider = given.find(SiteKeys.PROVIDER);
        String known = "known providers: " + String.join(", ", PROVIDERS);
        if (provider.isEmpty()) {
            problems.add(subject + ": provider is missing; " + known);
            return;
        }
        if (!PROVIDERS.contains(provider.get())) {
            String near = NearMiss.of(provider.get(), PROVIDERS)
                    .map(some -> "; did you mean '" + some + "'?")
                    .orElse("");
            problems.add(subject + ": there is no provider '" + provider.get() + "'; " + known + near);
            return;
        }
        for (String key : given.plain().keySet()) {
            if (provider.get().equals(LOCAL) && SiteKeys.BATCH_ONLY.contains(key)) {
                problems.add(
                        subject + ": " + key + " means nothing to the provider '" + provider.get() + "'; remove it");
            }
        }
    }

    private static void checkTogether(String subject, Settings given, List<String> problems) {
        int most = given.get(SiteKeys.MAX_BLOCKS);
        for (var key : List.of(SiteKeys.INIT_BLOCKS, SiteKeys.MIN_BLOCKS)) {
            if (given.get(key) > most) {
                problems.add(subject + ": " + key.name() + " is " + given.get(key)
                        + "; allowed: at most maxBlocks, which is " + most);
            }
        }
        Optional<Duration> walltime = given.find(SiteKeys.WALLTIME);
        if (walltime.isPresent() && walltime.get().compareTo(given.get(SiteKeys.DRAIN_BEFORE)) <= 0) {
            problems.add(subject + ": walltime is " + SiteKeys.WALLTIME.type().plain(walltime.get())
                    + "; allowed: more than drainBefore, which is "
                    + SiteKeys.DRAIN_BEFORE.type().plain(given.get(SiteKeys.DRAIN_BEFORE)));
        }
    }

    /** Fills in what depends on the provider and the machine, so that the stored settings mean the same anywhere. */
    private static Settings completed(Settings given, NodeCapacity machine) {
        boolean local = given.get(SiteKeys.PROVIDER).equals(LOCAL);
        long workers = (long) given.get(SiteKeys.NODES_PER_BLOCK) * given.get(SiteKeys.MAX_BLOCKS);
        NodeCapacity share = machine.dividedBy(workers);
        Settings settings = given.without(SiteKeys.NAME); // the record has it
        if (local && !given.has(SiteKeys.CORES)) {
            settings = settings.with(SiteKeys.CORES, share.cores());
        }
        if (local && !given.has(SiteKeys.MEMORY)) {
            settings = settings.with(SiteKeys.MEMORY, share.memoryMiB());
        }
        if (!given.has(SiteKeys.DISCONNECT_GRACE)) {
            settings = settings.with(SiteKeys.DISCONNECT_GRACE, Duration.ofMinutes(local ? 15 : 60));
        }
        if (!given.has(SiteKeys.POLL_INTERVAL)) {
            settings = settings.with(SiteKeys.POLL_INTERVAL, Duration.ofSeconds(local ? 2 : 30));
        }
        return settings;
    }

    /** The same site under another name, such as {@code here~2}. */
    public SiteConfig named(String other) {
        return new SiteConfig(other, settings);
    }

    /** What the scheduler must know. */
    public Site toCore(int index) {
        return new Site(
                index,
                name,
                provider(),
                nodesPerBlock(),
                cores(),
                memoryMiB(),
                walltime(),
                settings.get(SiteKeys.INIT_BLOCKS),
                settings.get(SiteKeys.MIN_BLOCKS),
                settings.get(SiteKeys.MAX_BLOCKS),
                settings.get(SiteKeys.PARALLELISM),
                settings.get(SiteKeys.IDLE_TIMEOUT),
                settings.get(SiteKeys.DISCONNECT_GRACE),
                killGrace(),
                settings.get(SiteKeys.DRAIN_BEFORE),
                settings.get(SiteKeys.MIN_REMAINING),
                settings.get(SiteKeys.MAX_BLOCK_FAILURES),
                settings.get(SiteKeys.POLL_INTERVAL));
    }

    /** What is asked of the batch system for each block. */
    public BlockTerms terms() {
        return new BlockTerms(
                name,
                nodesPerBlock(),
                cores(),
                memoryMiB(),
                walltime(),
                settings.find(SiteKeys.QUEUE)
                        .or(() -> settings.find(SiteKeys.PARTITION))
                        .orElse(""),
                settings.find(SiteKeys.ACCOUNT).orElse(""),
                settings.find(SiteKeys.QOS).orElse(""),
                settings.find(SiteKeys.CONSTRAINT).orElse(""),
                settings.find(SiteKeys.EXCLUSIVE),
                settings.find(SiteKeys.SINGLETON).orElse(false),
                settings.find(SiteKeys.SCHEDULER_OPTIONS)
                        .map(String::lines)
                        .map(Stream::toList)
                        .orElse(List.of()),
                commandPrefix(),
                cores(),
                memoryMiB());
    }

    /** Name and content as JSON: what the journal keeps. Equal sites have equal text. */
    public String toJson() {
        Map<String, Object> plain = settings.plain();
        plain.put(SiteKeys.NAME.name(), name);
        return JSON.toJson(plain);
    }

    /** The content without the name: what makes two sites of one name the same. */
    public String content() {
        return JSON.toJson(settings.plain());
    }

    /** Reads what {@link #toJson} wrote, possibly by an older version. */
    public static SiteConfig fromJson(String json, NodeCapacity machine) throws InvalidSettingsException {
        JsonElement stored;
        try {
            stored = JsonParser.parseString(json);
        } catch (JsonParseException e) {
            throw new InvalidSettingsException(List.of("a stored site is damaged: " + e.getMessage()));
        }
        if (!(stored instanceof JsonObject object)
                || !(object.get(SiteKeys.NAME.name()) instanceof JsonPrimitive name)
                || !name.isString()) {
            throw new InvalidSettingsException(List.of("a stored site is damaged: it has no name"));
        }
        return parse(name.getAsString(), YamlFile.named(JSON.fromJson(object, Map.class)), machine);
    }

    public String provider() {
        return settings.get(SiteKeys.PROVIDER);
    }

    public int nodesPerBlock() {
        return settings.get(SiteKeys.NODES_PER_BLOCK);
    }

    /** Of one worker; 0: what its node has. */
    public int cores() {
        return settings.find(SiteKeys.CORES).orElse(0);
    }

    /** Of one worker; 0: what its node has. */
    public int memoryMiB() {
        return settings.find(SiteKeys.MEMORY).orElse(0);
    }

    /** Of a block; zero: without end. */
    public Duration walltime() {
        return settings.find(SiteKeys.WALLTIME).orElse(Duration.ZERO);
    }

    public Duration killGrace() {
        return settings.get(SiteKeys.KILL_GRACE);
    }

    public Duration disconnectGrace() {
        return settings.get(SiteKeys.DISCONNECT_GRACE);
    }

    /** How long a command of the batch system may take. */
    public Duration submitCommandTimeout() {
        return settings.get(SiteKeys.SUBMIT_COMMAND_TIMEOUT);
    }

    public Oversize oversize() {
        return settings.get(SiteKeys.OVERSIZE).equals("fail") ? Oversize.FAIL : Oversize.ALONE;
    }

    public int retries() {
        return settings.get(SiteKeys.RETRIES);
    }

    /** Shell commands before every job's; empty: none. */
    public String commandPrefix() {
        return settings.get(SiteKeys.COMMAND_PREFIX);
    }

    public Map<String, String> environment() {
        return settings.get(SiteKeys.ENVIRONMENT);
    }

    public ExportRule exportEnvironment() {
        return settings.get(SiteKeys.EXPORT_ENVIRONMENT);
    }

    /** Where workers connect to; empty: all addresses of the daemon's host. */
    public List<String> addresses() {
        return settings.find(SiteKeys.ADDRESS).orElse(List.of());
    }

    /** The manual's table of keys. */
    static String manual() {
        return """
                # Sites

                A site says where jobs run: which batch system gives blocks of nodes, what a block is, and when there are more or
                fewer. It is a `site` section of the BPS configuration, the `site:` of a YAML workflow, or a section of
                `sites.yaml` in the daemon's home (`$INTERCHANGE_HOME`, `~/.interchange` by default), which has one
                for each site, by name. A run's own section wins over `sites.yaml`.

                ```yaml
                # sites.yaml
                here:
                  provider: local
                  cores: 4
                  memory: 16384
                ```

                Every problem of a section is listed at once, before anything runs. This page is made from the code
                (`SiteKeys`), and a test compares them.

                """ + SiteKeys.TABLE.markdown();
    }
}
