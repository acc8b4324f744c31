package interchange.site;

import interchange.settings.Choice;
import interchange.settings.Fraction;
import interchange.settings.Key;
import interchange.settings.KeyTable;
import interchange.settings.Text;
import interchange.settings.TextList;
import interchange.settings.TextMap;
import interchange.settings.TimeSpan;
import interchange.settings.Walltime;
import interchange.settings.WholeNumber;
import interchange.settings.YesNo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
            "provider", Text.line(), "must be given", "The batch system that gives blocks: `local` (this machine).");
    static final Key<Integer> NODES_PER_BLOCK =
            Key.of("nodesPerBlock", WholeNumber.between(1, COUNT_MAX), 1, "Nodes of one block; each has one worker.");
    static final Key<Integer> CORES = Key.optional(
            "cores",
            WholeNumber.between(1, COUNT_MAX),
            "what the node has",
            "Cores that one worker gives to jobs. On a `local` site the default is shared among all its workers"
                    + " (`nodesPerBlock` x `maxBlocks`).");
    static final Key<Integer> MEMORY = Key.optional(
            "memory",
            new WholeNumber(1, Integer.MAX_VALUE, "MiB"),
            "what the node has",
            "Memory that one worker gives to jobs; the default as for `cores`.");
    static final Key<Duration> WALLTIME = Key.optional("walltime", new Walltime(), "none", "How long a block lasts.");
    static final Key<Integer> INIT_BLOCKS = Key.of(
            "initBlocks", WholeNumber.between(0, COUNT_MAX), 0, "Blocks asked for as soon as a run uses the site.");
    static final Key<Integer> MIN_BLOCKS = Key.of(
            "minBlocks", WholeNumber.between(0, COUNT_MAX), 0, "Blocks kept while a run uses the site, work or not.");
    static final Key<Integer> MAX_BLOCKS =
            Key.of("maxBlocks", WholeNumber.between(1, COUNT_MAX), 1, "Blocks at most, queued ones included.");
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
            "How long before the end of a block its workers take no job that would not finish.");
    static final Key<Duration> MIN_REMAINING = Key.of(
            "minRemaining",
            TimeSpan.between(Duration.ZERO, DAY),
            Duration.ofMinutes(10),
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
                    + " or the run is refused.");
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
                    + " always " + String.join(", ", new java.util.TreeSet<>(ExportRule.INDISPENSABLE))
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
            "Shell commands that run before the command of every job, in the same shell.");
    static final Key<List<String>> ADDRESS = Key.optional(
            "address",
            new TextList("host names, addresses or interfaces"),
            "all of the daemon's host",
            "Where workers of this site connect to.");
    static final Key<String> QUEUE = batch("queue", "The queue that blocks are submitted to.");
    static final Key<String> PARTITION = batch("partition", "The same, as Slurm calls it.");
    static final Key<String> ACCOUNT = batch("account", "Who pays.");
    static final Key<String> QOS = batch("qos", "The quality of service.");
    static final Key<String> CONSTRAINT = batch("constraint", "Features that nodes must have.");
    static final Key<Boolean> EXCLUSIVE = Key.optional(
            "exclusive",
            new YesNo(),
            "the batch system's",
            "Whether blocks have their nodes for themselves. Batch systems only.");
    static final Key<Boolean> SINGLETON = Key.optional(
            "singleton", new YesNo(), "false", "Whether blocks of the site run one after another. Batch systems only.");
    static final Key<String> SCHEDULER_OPTIONS = Key.optional(
            "schedulerOptions",
            Text.lines(),
            "none",
            "Lines that go into the block's script verbatim. Batch systems only.");

    /** Keys that mean something to batch systems alone. */
    static final Set<String> BATCH_ONLY =
            Set.of("queue", "partition", "account", "qos", "constraint", "exclusive", "singleton", "schedulerOptions");

    static final KeyTable TABLE = new KeyTable(List.of(
            NAME,
            PROVIDER,
            NODES_PER_BLOCK,
            CORES,
            MEMORY,
            WALLTIME,
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
            MIN_REMAINING,
            MAX_BLOCK_FAILURES,
            POLL_INTERVAL,
            SUBMIT_COMMAND_TIMEOUT,
            QUEUE,
            PARTITION,
            ACCOUNT,
            QOS,
            CONSTRAINT,
            EXCLUSIVE,
            SINGLETON,
            SCHEDULER_OPTIONS));

    private SiteKeys() {}

    private static Key<String> batch(String name, String meaning) {
        return Key.optional(name, Text.line(), "the batch system's", meaning + " Batch systems only.");
    }
}
