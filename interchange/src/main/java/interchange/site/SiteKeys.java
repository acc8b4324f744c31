package interchange.site;

import interchange.provider.LsfProvider;
import interchange.provider.PbsProvider;
import interchange.settings.Choice;
import interchange.settings.DirectiveLines;
import interchange.settings.Fraction;
import interchange.settings.Key;
import interchange.settings.KeyTable;
import interchange.settings.Text;
import interchange.settings.TextList;
import interchange.settings.TextMap;
import interchange.settings.TimeSpan;
import interchange.settings.Walltime;
import interchange.settings.WholeNumber;
import interchange.settings.Word;
import interchange.settings.YesNo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys of a site, once: its parser and its manual are made from them. */
final class SiteKeys {
    /** More blocks, nodes or cores than any cluster has is a slip. */
    private static final int COUNT_MAX = 100_000;

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);

    static final Key<String> NAME = Key.optional(
            "name",
            Text.line(),
            "the name of the section",
            "What the site is called; where it is given, it must agree.");
    static final Key<String> PROVIDER = Key.optional(
            "provider",
            Text.line(),
            "must be given",
            "Who gives blocks: `local` (this machine), `slurm`, `pbs` (OpenPBS, PBS Pro and Torque), `lsf`, or `srun` (a"
                    + " Slurm allocation that you hold already).");
    static final Key<String> CLASS = Key.optional(
            "class",
            Text.line(),
            "none",
            "A site class of the Parsl plugin, instead of `provider`; its keys are below.");
    static final Key<Integer> NODES_PER_BLOCK =
            Key.of("nodesPerBlock", WholeNumber.between(1, COUNT_MAX), 1, "Nodes of one block; each has one worker.");
    static final Key<Integer> CORES = Key.optional(
            "cores",
            WholeNumber.between(1, COUNT_MAX),
            "what the node has",
            "Cores of each node that blocks are asked for and workers give to jobs. Without it whole nodes are asked for; on"
                    + " a `local` site all workers (`nodesPerBlock` x `maxBlocks`) share the machine.");
    static final Key<Integer> MEMORY = Key.optional(
            "memory",
            new WholeNumber(1, Integer.MAX_VALUE, "MiB"),
            "what the node has",
            "Likewise memory; without it, what the batch system gives, which on whole nodes of Slurm is all of it (`--mem=0`).");
    static final Key<Integer> DISK = Key.optional(
            "disk",
            new WholeNumber(1, Integer.MAX_VALUE, "MiB"),
            "not counted",
            "Scratch disk of each node that workers give to jobs: those that say `requestDisk` run beside one another only"
                    + " while theirs add up to less.");
    static final Key<Duration> WALLTIME = Key.optional(
            "walltime",
            new Walltime(),
            "that of the queue; none on `local` and `srun`",
            "How long a block lasts. Put it in quotes: YAML reads 10:00:00 without them as the number 36000. Two parts are"
                    + " hours and minutes, while Slurm and PBS mean minutes and seconds: write three.");
    static final Key<Integer> INIT_BLOCKS = Key.of(
            "initBlocks", WholeNumber.between(0, COUNT_MAX), 0, "Blocks asked for as soon as a run uses the site.");
    static final Key<Integer> MIN_BLOCKS = Key.of(
            "minBlocks", WholeNumber.between(0, COUNT_MAX), 0, "Blocks kept while a run uses the site, work or not.");
    static final Key<Integer> MAX_BLOCKS =
            Key.of("maxBlocks", WholeNumber.between(1, COUNT_MAX), 1, "Blocks at most, queued ones included.");
    static final Key<Integer> MAX_JOBS = Key.optional(
            "maxJobs",
            WholeNumber.between(1, Integer.MAX_VALUE),
            "no limit",
            "How many jobs of all runs may be at the site's workers at a time, its pools together.");
    static final Key<Double> PARALLELISM = Key.of(
            "parallelism",
            new Fraction(),
            1.0,
            "The part of the ready work for which blocks are asked: 1 asks for room for all of it at once.");
    static final Key<Duration> IDLE_TIMEOUT = Key.of(
            "idleTimeout",
            TimeSpan.between(Duration.ZERO, DAY),
            Duration.ofMinutes(2),
            "How long a block may be without work before it is let go.");
    static final Key<Duration> DISCONNECT_GRACE = Key.optional(
            "disconnectGrace",
            TimeSpan.between(SECOND, Duration.ofDays(7)),
            "60 min; 15 min on `local`",
            "How long a worker that can't reach the daemon lets its jobs run. After it, and a margin, others get them.");
    static final Key<Duration> KILL_GRACE = Key.of(
            "killGrace",
            TimeSpan.between(Duration.ZERO, Duration.ofHours(1)),
            Duration.ofSeconds(30),
            "Between TERM and KILL, when a job is ended.");
    static final Key<Duration> DRAIN_BEFORE = Key.of(
            "drainBefore",
            TimeSpan.between(Duration.ZERO, DAY),
            Duration.ofMinutes(2),
            "How long before the end of a block its workers take no job that would not finish, and those that asked for it"
                    + " are told to end (below).");
    static final Key<String> ENFORCE_MEMORY = Key.of(
            "enforceMemory",
            Choice.of("observe", "on", "off"),
            "observe",
            "What becomes of a job that takes more memory than it asked for. `observe`: it goes on while the node has"
                    + " memory, and when that runs short the one furthest over its request is ended; `on`: it is ended;"
                    + " `off`: nothing. Ended so, it ran out of memory.");
    static final Key<Integer> MEMORY_MARGIN = Key.of(
            "memoryMargin",
            new WholeNumber(0, 1000, "%"),
            10,
            "How much more than it asked for a job may take where `enforceMemory` is `on`.");
    static final Key<Boolean> PIN =
            Key.of("pin", new YesNo(), false, "Whether each job runs on cores of its own and no others.");
    static final Key<Duration> MIN_REMAINING = Key.optional(
            "minRemaining",
            TimeSpan.between(Duration.ZERO, DAY),
            "10 min; half of a shorter `walltime`",
            "What must be left of a block for a job without a walltime to start.");
    static final Key<Integer> MAX_BLOCK_FAILURES = Key.of(
            "maxBlockFailures",
            WholeNumber.between(1, 1000),
            5,
            "Blocks that fail in a row before the site is broken: it gets no more until"
                    + " `interchange sites --resume NAME`.");
    static final Key<Duration> POLL_INTERVAL = Key.optional(
            "pollInterval",
            TimeSpan.between(Duration.ofMillis(100), Duration.ofHours(1)),
            "30 s; 2 s on `local`",
            "Between two looks at the batch system.");
    static final Key<Duration> SUBMIT_COMMAND_TIMEOUT = Key.of(
            "submitCommandTimeout",
            TimeSpan.between(SECOND, Duration.ofHours(1)),
            Duration.ofSeconds(60),
            "How long a command of the batch system may take.");
    static final Key<String> OVERSIZE = Key.of(
            "oversize",
            Choice.of("alone", "fail"),
            "alone",
            "What becomes of a job that no worker of the site could hold: it runs alone on the largest, with a warning,"
                    + " or the run is refused. `fail` needs to know what a worker holds: on a batch system `cores` and"
                    + " `memory`.");
    static final Key<Map<String, String>> ENVIRONMENT = Key.of(
            "environment",
            new TextMap(),
            Map.of(),
            "Variables for all jobs of the site, over those of the submission.");
    static final Key<ExportRule> EXPORT_ENVIRONMENT = Key.of(
            "exportEnvironment",
            new ExportRule.Type(),
            ExportRule.ALL,
            "Which variables of the submitting shell jobs see: all but those of the login and the node, none, or these;"
                    + " always " + String.join(", ", new TreeSet<>(ExportRule.INDISPENSABLE))
                    + ". Of a run whose jobs use several sites, the strictest holds for all jobs.");
    static final Key<Integer> RETRIES = Key.of(
            "retries",
            WholeNumber.between(0, 1000),
            0,
            "How often a job that fails is tried again, where the job itself does not say.");
    static final Key<String> COMMAND_PREFIX = Key.of(
            "commandPrefix",
            Text.lines(),
            "",
            "bash commands that run before the command of every job, in the same shell, and, but on `local`, on each node"
                    + " before its worker.");
    static final Key<List<String>> ADDRESS = Key.optional(
            "address",
            new TextList("host names, addresses, interfaces or patterns of interfaces"),
            "all of the daemon's host",
            "Where workers of this site connect to: names and addresses as they are, and for interfaces (`ib0`, `ib*`) the"
                    + " addresses that the daemon's host has there. Workers try all of them side by side.");
    static final Key<String> SCRATCH = Key.optional(
            "scratch",
            Text.line(),
            "`$TMPDIR` of the node, else `/tmp`",
            "Where on a node jobs with files run, each in a directory of its own. May begin with a variable of the node"
                    + " (`$LSCRATCH/jobs`).");
    static final Key<Integer> FILE_CACHE = Key.of(
            "fileCache",
            new WholeNumber(0, Integer.MAX_VALUE, "MiB"),
            2048,
            "How much a worker keeps of the inputs that its jobs had, by content, for the next that want the same.");
    static final Key<List<String>> WARM = Key.of(
            "warm",
            new WarmScripts(),
            List.of("pipetask"),
            "Console scripts of Python whose jobs workers start as forks of a process that has imported what they need;"
                    + " `off`: every job starts as a process of its own. [How](warm.md)");
    static final Key<String> LOGS = Key.of(
            "logs",
            Choice.of("files", "pack", "stream"),
            "files",
            "How what jobs print gets to where the submission wants it: each writes its two files there, on a file system"
                    + " that nodes and submit host share; or each worker one for all of its jobs (`pack`); or it is sent to"
                    + " the daemon, which writes the files (`stream`).");
    static final Key<String> QUEUE = batch("queue", "The queue that blocks are submitted to.");
    static final Key<String> PARTITION =
            batch("partition", "The same, as Slurm calls it; several are divided by commas.");
    static final Key<String> ACCOUNT = batch("account", "Who pays (LSF: the project).");
    static final Key<String> QOS =
            Key.optional("qos", new Word(), "the batch system's", "The quality of service. Slurm only.");
    static final Key<String> CONSTRAINT = Key.optional(
            "constraint",
            Text.line(),
            "the batch system's",
            "Features that nodes must have, in the words of the batch system (Slurm: `--constraint`, PBS: part of `select`"
                    + " or `nodes`, LSF: `select[...]`). Batch systems only.");
    static final Key<Boolean> EXCLUSIVE = Key.optional(
            "exclusive",
            new YesNo(),
            "true where `cores` is not given, but on `lsf`",
            "Whether blocks have their nodes for themselves. Batch systems only.");
    static final Key<Boolean> SINGLETON = Key.optional(
            "singleton",
            new YesNo(),
            "false",
            "Whether blocks of the section, all its pools included, run one after another. Slurm only.");
    static final Key<String> SCHEDULER_OPTIONS = Key.optional(
            "schedulerOptions",
            new DirectiveLines(),
            "none",
            "Lines that go into the head of the block's script verbatim (`#SBATCH ...`, `#PBS ...`, `#BSUB ...`). Batch"
                    + " systems only.");
    static final Key<String> ALLOCATION = Key.optional(
            "allocation",
            new Word(),
            "`$SLURM_JOB_ID` of the submitting shell",
            "The id of the Slurm job that is held already; the newest that a submission or restart brings holds for all runs of"
                    + " the site. `srun` only.");
    static final Key<Map<String, Map<String, Object>>> POOLS = Key.optional(
            "pools",
            new PoolSections(),
            "none",
            "Blocks of several shapes: named sections, each with keys that differ from the site's. The pool `small` of the"
                    + " site `sdf` is shown as `sdf.small`.");
    static final Key<Integer> MAX_JOB_MEMORY = Key.optional(
            "maxJobMemory",
            new WholeNumber(1, Integer.MAX_VALUE, "MiB"),
            "`memory`",
            "Jobs that ask for more go to a larger pool. In a pool only.");
    /** Not for users: the order of the pools says it. */
    static final Key<String> LARGER_POOL =
            Key.optional("largerPool", Text.line(), "none", "Where jobs go that turn out to need more memory.");

    private static final Set<String> BATCH =
            Set.of("queue", "partition", "account", "qos", "constraint", "exclusive", "singleton", "schedulerOptions");

    /** What each provider understands beside the keys that all do. */
    private static final Map<String, Set<String>> PROVIDERS_OWN = Map.of(
            SiteConfig.LOCAL,
            Set.of(),
            "slurm",
            BATCH,
            PbsProvider.NAME,
            batchWithout(PbsProvider.UNSERVED),
            LsfProvider.NAME,
            batchWithout(LsfProvider.UNSERVED),
            SiteConfig.SRUN,
            Set.of("allocation"));

    private static final List<Key<?>> COMMON = List.of(
            NODES_PER_BLOCK,
            CORES,
            MEMORY,
            DISK,
            WALLTIME,
            INIT_BLOCKS,
            MIN_BLOCKS,
            MAX_BLOCKS,
            MAX_JOBS,
            PARALLELISM,
            IDLE_TIMEOUT,
            OVERSIZE,
            RETRIES,
            ENVIRONMENT,
            EXPORT_ENVIRONMENT,
            COMMAND_PREFIX,
            ADDRESS,
            DISCONNECT_GRACE,
            KILL_GRACE,
            DRAIN_BEFORE,
            ENFORCE_MEMORY,
            MEMORY_MARGIN,
            PIN,
            MIN_REMAINING,
            MAX_BLOCK_FAILURES,
            POLL_INTERVAL,
            SUBMIT_COMMAND_TIMEOUT,
            SCRATCH,
            FILE_CACHE,
            WARM,
            LOGS,
            QUEUE,
            PARTITION,
            ACCOUNT,
            QOS,
            CONSTRAINT,
            EXCLUSIVE,
            SINGLETON,
            SCHEDULER_OPTIONS);

    /** Of a section as users write it; `class` is translated before. */
    static final KeyTable SECTION =
            new KeyTable(joined(List.of(NAME, CLASS, PROVIDER), COMMON, List.of(ALLOCATION, POOLS, MAX_JOB_MEMORY)));

    /** Of one pool of a section. */
    static final KeyTable POOL = new KeyTable(joined(COMMON, List.of(MAX_JOB_MEMORY)));

    /** Of one shape of blocks, which has become a site of its own. */
    static final KeyTable TABLE =
            new KeyTable(joined(List.of(NAME, PROVIDER), COMMON, List.of(ALLOCATION, MAX_JOB_MEMORY, LARGER_POOL)));

    /** What may be said beside a class of the Parsl plugin, and wins over what the class means. */
    static final List<Key<?>> BESIDE_CLASS = List.of(
            NAME,
            INIT_BLOCKS,
            MIN_BLOCKS,
            MAX_BLOCKS,
            PARALLELISM,
            IDLE_TIMEOUT,
            OVERSIZE,
            RETRIES,
            ENVIRONMENT,
            EXPORT_ENVIRONMENT,
            COMMAND_PREFIX,
            ADDRESS,
            DISCONNECT_GRACE,
            KILL_GRACE,
            DRAIN_BEFORE,
            ENFORCE_MEMORY,
            MEMORY_MARGIN,
            PIN,
            MIN_REMAINING,
            MAX_BLOCK_FAILURES,
            POLL_INTERVAL,
            SUBMIT_COMMAND_TIMEOUT,
            SCRATCH,
            FILE_CACHE,
            WARM,
            LOGS,
            ALLOCATION);

    private SiteKeys() {}

    /** Whether a key means anything to a provider. */
    static boolean means(String key, String provider) {
        return PROVIDERS_OWN.values().stream().noneMatch(own -> own.contains(key))
                || PROVIDERS_OWN.getOrDefault(provider, Set.of()).contains(key);
    }

    private static Set<String> batchWithout(Set<String> unserved) {
        return BATCH.stream().filter(key -> !unserved.contains(key)).collect(Collectors.toUnmodifiableSet());
    }

    @SafeVarargs
    private static List<Key<?>> joined(List<Key<?>>... parts) {
        return Stream.of(parts).<Key<?>>flatMap(List::stream).toList();
    }

    private static Key<String> batch(String name, String meaning) {
        return Key.optional(name, new Word(), "the batch system's", meaning + " Batch systems only.");
    }
}
