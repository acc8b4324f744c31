package interchange.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The daemon's own settings: {@code config.yaml} in its home. */
public record DaemonConfig(Settings settings) {
    public static final String FILE = "config.yaml";

    private static final Duration HOUR = Duration.ofHours(1);

    static final Key<Boolean> AUTOSTART = Key.of(
            "autostart",
            new YesNo(),
            true,
            "Whether a command that needs the daemon starts it. With false, `interchange start` must have been run.");
    static final Key<String> BIND =
            Key.of("bind", Text.line(), "*", "The interface on which the sockets listen: `*` for all, or an address.");
    static final Key<List<String>> ADDRESSES = Key.optional(
            "addresses",
            new TextList("host names or addresses"),
            "all of this host",
            "What workers and clients are told to connect to, best first.");
    static final Key<Integer> WORKER_PORT = Key.of(
            "workerPort", WholeNumber.between(0, 65_535), 0, "The port for workers; 0: a free one at each start.");
    static final Key<Integer> CONTROL_PORT = Key.of(
            "controlPort", WholeNumber.between(0, 65_535), 0, "The port for clients; 0: a free one at each start.");
    static final Key<Integer> FILES_PORT = Key.of(
            "filesPort",
            WholeNumber.between(0, 65_535),
            0,
            "The port by which files of jobs travel to and from workers; 0: a free one at each start.");
    static final Key<Integer> MESSAGE_MAX_MIB =
            Key.of("messageMax", new WholeNumber(1, 1024, "MiB"), 64, "The longest message that is taken from anyone.");
    static final Key<Duration> HEARTBEAT_INTERVAL = Key.of(
            "heartbeatInterval",
            TimeSpan.between(Duration.ofMillis(100), Duration.ofMinutes(10)),
            Duration.ofSeconds(10),
            "How often a worker says that it lives. A worker unheard for three of them is shown as silent.");
    static final Key<Duration> LEASE_MARGIN = Key.of(
            "leaseMargin",
            TimeSpan.between(Duration.ZERO, HOUR),
            Duration.ofSeconds(60),
            "How much longer than `disconnectGrace` and `killGrace` of its site a worker is unheard before its jobs are given to others.");
    static final Key<Duration> BLOCK_END_WAIT = Key.of(
            "blockEndWait",
            TimeSpan.between(Duration.ZERO, HOUR),
            Duration.ofSeconds(30),
            "How long after the batch system said that a block is over its jobs are given to others.");
    static final Key<Integer> BATCH_COMMANDS = Key.of(
            "batchCommands",
            WholeNumber.between(1, 64),
            2,
            "How many commands of one batch system may run at the same time.");

    static final Key<Map<String, Integer>> CONCURRENCY_LIMITS = Key.optional(
            "concurrencyLimits",
            new Counts(1_000_000),
            "none",
            "How many jobs of all runs may be at workers at a time, by the names that jobs give as `concurrencyLimit`"
                    + " (BPS's final job: `db_limit`). A name that is not here limits nothing.");

    static final KeyTable TABLE = new KeyTable(List.of(
            AUTOSTART,
            BIND,
            ADDRESSES,
            WORKER_PORT,
            CONTROL_PORT,
            FILES_PORT,
            MESSAGE_MAX_MIB,
            HEARTBEAT_INTERVAL,
            LEASE_MARGIN,
            BLOCK_END_WAIT,
            BATCH_COMMANDS,
            CONCURRENCY_LIMITS));

    /** What holds when there is no file. */
    public static DaemonConfig standard() {
        return new DaemonConfig(Settings.empty());
    }

    /** Reads {@code config.yaml} of a home; standard values where it is absent. */
    public static DaemonConfig read(Path home) throws InvalidSettingsException {
        Path file = home.resolve(FILE);
        return parse(file.toString(), YamlFile.read(file));
    }

    /**
     * Reads a section.
     *
     * @param subject what problems begin with, such as the file
     */
    public static DaemonConfig parse(String subject, Map<String, ?> section) throws InvalidSettingsException {
        List<String> problems = new ArrayList<>();
        Settings settings = TABLE.read(subject, section, problems);
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return new DaemonConfig(settings);
    }

    public boolean autostart() {
        return settings.get(AUTOSTART);
    }

    public String bind() {
        return settings.get(BIND);
    }

    /** Empty: all of this host. */
    public List<String> addresses() {
        return settings.find(ADDRESSES).orElse(List.of());
    }

    public int workerPort() {
        return settings.get(WORKER_PORT);
    }

    public int controlPort() {
        return settings.get(CONTROL_PORT);
    }

    public int filesPort() {
        return settings.get(FILES_PORT);
    }

    public long messageMaxBytes() {
        return (long) settings.get(MESSAGE_MAX_MIB) << 20;
    }

    public Duration heartbeatInterval() {
        return settings.get(HEARTBEAT_INTERVAL);
    }

    public Duration leaseMargin() {
        return settings.get(LEASE_MARGIN);
    }

    public Duration blockEndWait() {
        return settings.get(BLOCK_END_WAIT);
    }

    public int batchCommands() {
        return settings.get(BATCH_COMMANDS);
    }

    /** How many jobs may be at workers at a time, by the name of what they share. */
    public Map<String, Integer> concurrencyLimits() {
        return settings.find(CONCURRENCY_LIMITS).orElse(Map.of());
    }

    /** The manual, docs/configuration.md. */
    public static String manual() {
        return """
                # The daemon's settings

                `config.yaml` in the daemon's home (`$INTERCHANGE_HOME`, `~/.interchange` by default); read at its start. Every
                key may be left out, and so may the file. This page is made from the code (`DaemonConfig`), and a test
                compares them.

                """ + TABLE.markdown();
    }
}
