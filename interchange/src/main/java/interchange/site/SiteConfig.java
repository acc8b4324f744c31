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
import interchange.settings.Settings;
import interchange.settings.YamlFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A site as its user describes it, valid and complete: what depends on the provider or the machine is filled in.
 *
 * <p>Two configurations are the same site when name and content are equal.
 */
public record SiteConfig(String name, Settings settings) {
    public static final String LOCAL = "local";
    public static final String SRUN = "srun";

    private static final Gson JSON = new GsonBuilder()
            .disableHtmlEscaping()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .create();

    /** What becomes of a job that no worker of the site could hold. */
    public enum Oversize {
        ALONE,
        FAIL
    }

    /** What becomes of a job that takes more memory than it asked for. */
    public enum EnforceMemory {
        OBSERVE,
        ON,
        OFF
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
        Settings given = SiteKeys.TABLE.read(subject, section, problems);
        SiteChecks.check(subject, name, given, problems);
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return of(name, given, machine, workers(given));
    }

    /**
     * What was checked, made complete: what depends on provider and machine is filled in, to mean the same anywhere.
     *
     * @param workers that share the machine, if this is it
     */
    static SiteConfig of(String name, Settings checked, NodeCapacity machine, long workers) {
        Settings content = checked.without(SiteKeys.NAME); // the record has it
        return new SiteConfig(name, Completion.of(content, machine.dividedBy(workers)));
    }

    /** At most. */
    static long workers(Settings given) {
        return (long) given.get(SiteKeys.NODES_PER_BLOCK) * given.get(SiteKeys.MAX_BLOCKS);
    }

    public static SiteConfig parse(String name, Struct section, NodeCapacity machine) throws InvalidSettingsException {
        return parse(name, StructMap.of(section), machine);
    }

    /** The same site under another name, such as {@code here~2}. */
    public SiteConfig named(String other) {
        return new SiteConfig(other, settings);
    }

    /** The same site in another allocation. */
    public SiteConfig inAllocation(String other) {
        return new SiteConfig(name, settings.with(SiteKeys.ALLOCATION, other));
    }

    /** The same site, whose jobs go to that pool when they turn out to need more. */
    public SiteConfig below(String larger) {
        return new SiteConfig(name, settings.with(SiteKeys.LARGER_POOL, larger));
    }

    /** The section that it was read from: less the name of a pool and the number of a later content. */
    private String section() {
        return Site.sectionOf(name);
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
                diskMiB(),
                walltime(),
                settings.get(SiteKeys.INIT_BLOCKS),
                settings.get(SiteKeys.MIN_BLOCKS),
                settings.get(SiteKeys.MAX_BLOCKS),
                settings.get(SiteKeys.PARALLELISM),
                settings.get(SiteKeys.IDLE_TIMEOUT),
                settings.get(SiteKeys.DISCONNECT_GRACE),
                killGrace(),
                drainBefore(),
                settings.get(SiteKeys.MIN_REMAINING),
                settings.get(SiteKeys.MAX_BLOCK_FAILURES),
                settings.get(SiteKeys.POLL_INTERVAL),
                settings.find(SiteKeys.MAX_JOBS).orElse(0),
                maxJobMemoryMiB(),
                settings.find(SiteKeys.LARGER_POOL).orElse(""));
    }

    /** What is asked of the batch system for each block. */
    public BlockTerms terms() {
        return new BlockTerms(
                section(),
                nodesPerBlock(),
                cores(),
                memoryMiB(),
                walltime(),
                queue(),
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
                memoryMiB(),
                allocation());
    }

    /** Name and content as JSON: what the journal keeps. Equal sites have equal text. */
    public String toJson() {
        Map<String, Object> plain = settings.plain();
        plain.put(SiteKeys.NAME.name(), name);
        return JSON.toJson(plain);
    }

    /**
     * The content without the name: what makes two sites of one name the same. An allocation is not part of it: the next
     * one carries on where the last has ended.
     */
    public String content() {
        return JSON.toJson(settings.without(SiteKeys.ALLOCATION).plain());
    }

    /**
     * Reads what {@link #toJson} wrote, possibly by an older version: what was right then is not judged by the rules of
     * today, as long as each value can be read.
     */
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
        List<String> problems = new ArrayList<>();
        Map<String, Object> section = YamlFile.named(JSON.fromJson(object, Map.class));
        Settings given = SiteKeys.TABLE.read("the stored site '" + name.getAsString() + "'", section, problems);
        if (problems.isEmpty() && !given.has(SiteKeys.PROVIDER)) {
            problems.add("the stored site '" + name.getAsString() + "' has no provider");
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return of(name.getAsString(), given, machine, workers(given));
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

    /** Scratch that one worker gives to jobs; 0: it is not counted. */
    public int diskMiB() {
        return settings.find(SiteKeys.DISK).orElse(0);
    }

    /** Of a block; zero: without end. */
    public Duration walltime() {
        return settings.find(SiteKeys.WALLTIME).orElse(Duration.ZERO);
    }

    private String queue() {
        return settings.find(SiteKeys.QUEUE)
                .filter(queue -> !queue.isEmpty())
                .or(() -> settings.find(SiteKeys.PARTITION))
                .orElse("");
    }

    public Duration killGrace() {
        return settings.get(SiteKeys.KILL_GRACE);
    }

    public Duration drainBefore() {
        return settings.get(SiteKeys.DRAIN_BEFORE);
    }

    /** What becomes of a job that takes more memory than it asked for. */
    public EnforceMemory enforceMemory() {
        return EnforceMemory.valueOf(settings.get(SiteKeys.ENFORCE_MEMORY).toUpperCase(Locale.ROOT));
    }

    /** Per cent that it may take above it, where that is enforced. */
    public int memoryMargin() {
        return settings.get(SiteKeys.MEMORY_MARGIN);
    }

    /** Whether each job has cores of its own. */
    public boolean pin() {
        return settings.get(SiteKeys.PIN);
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

    /** Where jobs with files run on a node; empty: as the node says. */
    public String scratch() {
        return settings.find(SiteKeys.SCRATCH).orElse("");
    }

    /** What a worker keeps of inputs. */
    public int fileCacheMiB() {
        return settings.get(SiteKeys.FILE_CACHE);
    }

    /** Names of console scripts that workers may start as forks; none: no job is. */
    public List<String> warm() {
        return settings.get(SiteKeys.WARM);
    }

    /** How what jobs print gets to the submit directory. */
    public enum Logs {
        FILES,
        PACK,
        STREAM
    }

    /** The same of what {@link #toJson} wrote; files where it can't be read. */
    public static Logs logs(String json) {
        try {
            return fromJson(json, new NodeCapacity(1, 1)).logs();
        } catch (InvalidSettingsException e) {
            return Logs.FILES;
        }
    }

    public Logs logs() {
        return Logs.valueOf(settings.get(SiteKeys.LOGS).toUpperCase(Locale.ROOT));
    }

    /** The id of the Slurm job that gives all blocks; empty: none is known. */
    public String allocation() {
        return settings.find(SiteKeys.ALLOCATION).orElse("");
    }

    /** What jobs of a pool may ask for; 0: what its workers have. */
    public int maxJobMemoryMiB() {
        return settings.find(SiteKeys.MAX_JOB_MEMORY).orElse(0);
    }

    /** Every key with the value that holds, the standard ones included, as text, numbers, Booleans, lists and maps. */
    public Map<String, Object> resolved() {
        return SiteKeys.TABLE.resolved(settings);
    }

    /** The same for a message. */
    public Struct resolvedStruct() {
        return StructMap.from(resolved());
    }
}
