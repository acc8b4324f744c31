package interchange.daemon;

import interchange.broker.Broker;
import interchange.broker.KeyStore;
import interchange.broker.ZmqBroker;
import interchange.core.Decisions;
import interchange.core.Event;
import interchange.core.Now;
import interchange.core.Recovered;
import interchange.core.Scheduler;
import interchange.core.Timing;
import interchange.journal.EnvironmentFiles;
import interchange.journal.Journal;
import interchange.journal.JournalBlockedException;
import interchange.journal.JournalReader;
import interchange.journal.SqliteJournal;
import interchange.launch.Installation;
import interchange.provider.BatchRunner;
import interchange.provider.LocalProvider;
import interchange.provider.Provider;
import interchange.settings.DaemonConfig;
import interchange.settings.InvalidSettingsException;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.wire.ConnectionFile;
import interchange.wire.CurveKeys;
import interchange.wire.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a daemon together: every thread, queue and file, top to bottom. */
public final class Wiring {
    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    private final Home home;
    private final Map<String, String> environment;
    private final IntConsumer leaveAtOnce;
    private final BootClock clock = new BootClock();
    private final Machine machine = new Machine.Linux();
    private final NodeCapacity capacity = NodeCapacity.ofThisMachine();
    private final Version version = OwnVersion.get();
    private final Undo undo = new Undo();

    /** @param leaveAtOnce ends the process, which must not write any more, with an exit code */
    public Wiring(Home home, Map<String, String> environment, IntConsumer leaveAtOnce) {
        this.home = home;
        this.environment = Map.copyOf(environment);
        this.leaveAtOnce = leaveAtOnce;
    }

    /** All of it, or nothing: what was begun is ended again when a later part fails. */
    public Daemon open(boolean takeover) throws RefusedException, IOException, JournalBlockedException {
        try {
            return build(takeover);
        } catch (RefusedException | IOException | JournalBlockedException | RuntimeException e) {
            undo.close();
            throw e;
        }
    }

    private Daemon build(boolean takeover) throws RefusedException, IOException, JournalBlockedException {
        // ---- the directory is ours
        home.prepare();
        Troubles troubles = new Troubles();
        String token = UUID.randomUUID().toString();
        OwnerFile owner = OwnerFile.acquire(home.owner(), machine, token, takeover);
        OwnerWatch watch = new OwnerWatch(owner, troubles, () -> leaveAtOnce.accept(DaemonMain.REFUSED));
        undo.add(watch::close);
        watch.start();
        DaemonConfig config = readConfig();
        Timing timing = timing(config);

        // ---- what is durable
        EnvironmentFiles environments = new EnvironmentFiles(home.environments());
        Journal journal = SqliteJournal.open(home.journal(), environments);
        undo.add(journal::close);
        Path script = LocalProvider.install(home.directory());
        Sites sites = new Sites(site -> provider(site, script));
        Journal.Recovery recovery = journal.recover(
                (index, settings) -> recoverSite(sites, index, settings).core());
        Recovered recovered = recovery.recovered();
        report(recovery);

        // ---- the conductor's state
        Inbox inbox = new Inbox();
        Scheduler scheduler = new Scheduler(recovered, timing, new SecureRandom(), clock.get());
        Live live = new Live(scheduler, inbox, clock);

        // ---- the sockets
        KeyStore keys = KeyStore.open(home.keys());
        Reception reception = new Reception(inbox, version);
        Broker broker = ZmqBroker.open(
                ZmqBroker.Settings.of(config.bind(), config.workerPort(), config.controlPort()),
                keys,
                reception,
                failure -> fail(failure));
        undo.add(broker::close);
        ConnectionFiles connections =
                new ConnectionFiles(home, connectionFile(config, broker.workerPort(), keys.server(), keys.worker()));

        // ---- what is done outside
        Installation installation = Installation.ofThisProcess(environment);
        BlockFiles blockFiles =
                new BlockFiles(home, connections, Keeper.fromJars(installation.jars()), installation, environment);
        BatchRunner runner = new BatchRunner(config.batchCommands());
        undo.add(runner::close);
        ExecutorService preparer = undo.executor("preparer");
        Blocks blocks = new Blocks(sites, blockFiles, runner, preparer, inbox::put);
        blocks.recover(recovered.blocks());
        Sessions sessions = new Sessions(broker);
        Backlog backlog = new Backlog();
        Dispatcher dispatcher = new Dispatcher(sessions, reader(journal), environments, clock, backlog::add);
        Effects effects = new Effects(sessions, dispatcher, blocks, sites, timing, version.toString());
        TurnTimes times = new TurnTimes();
        Conductor conductor =
                new Conductor(decider(scheduler), journal, inbox, backlog, effects, clock, times, troubles);

        // ---- answers to clients
        ExecutorService queries = undo.executor("query");
        ExecutorService loader = undo.executor("loader");
        Remembered remembered = new Remembered();
        remembered.recover(recovered.runs());
        Answers answers = answers(journal, environments, sites, live, inbox, broker, troubles, recovered.nextRun());
        reception.open(broker, new Requests(broker, version, answers, remembered, troubles, queries, loader));
        connections.write(connectionFile(config, broker.controlPort(), keys.server(), keys.client()), sites.all());
        LOG.info(
                "Version {} is ready in {} (workers: port {}, clients: port {}).",
                version,
                home.directory(),
                broker.workerPort(),
                broker.controlPort());
        return new Daemon(conductor, inbox, times, undo);
    }

    private Answers answers(
            Journal journal,
            EnvironmentFiles environments,
            Sites sites,
            Live live,
            Inbox inbox,
            Broker broker,
            Troubles troubles,
            int nextRun) {
        // Each thread reads over a connection of its own.
        JournalReader queried = reader(journal);
        JournalReader loaded = reader(journal);
        RunLookup runs = new RunLookup(live, queried);
        RunLookup runsOfLoader = new RunLookup(live, loaded);
        return new Answers(
                new Pinging(broker, live, troubles, home, machine, version.toString(), clock),
                new RunQueries(runs, live, queried, clock),
                new JobQueries(runs, live, queried),
                new ClusterQueries(live, sites, clock),
                new Commands(runs, live, journal, environments, home, inbox, troubles, clock),
                new Submissions(loaded, sites, live, environments, home, machine, capacity, clock, nextRun),
                new Restarts(runsOfLoader, live, journal, environments),
                new Exports(journal));
    }

    private JournalReader reader(Journal journal) {
        JournalReader reader = journal.reader();
        undo.add(reader::close);
        return reader;
    }

    private static Decider decider(Scheduler scheduler) {
        return new Decider() {
            @Override
            public Decisions apply(Event event, Now now) {
                return scheduler.apply(event, now);
            }

            @Override
            public boolean hasMore() {
                return scheduler.hasMore();
            }
        };
    }

    private DaemonConfig readConfig() throws RefusedException {
        try {
            return DaemonConfig.read(home.directory());
        } catch (InvalidSettingsException e) {
            throw new RefusedException(String.join("\n", e.problems()));
        }
    }

    private static Timing timing(DaemonConfig config) {
        Timing standard = Timing.standard();
        return new Timing(
                config.heartbeatInterval(),
                config.leaseMargin(),
                config.blockEndWait(),
                standard.intentWait(),
                standard.reserveAfter(),
                standard.stopGrace());
    }

    private Provider provider(SiteConfig site, Path script) {
        return switch (site.provider()) {
            case SiteConfig.LOCAL ->
                new LocalProvider(script, home.blocks(), site.killGrace(), site.submitCommandTimeout());
            default -> throw new IllegalStateException("no provider '" + site.provider() + "'");
        };
    }

    private Sites.Entry recoverSite(Sites sites, int index, String settings) {
        try {
            return sites.add(index, SiteConfig.fromJson(settings, capacity));
        } catch (InvalidSettingsException e) {
            throw new IllegalStateException("site " + index + ": " + String.join("; ", e.problems()), e);
        }
    }

    private static void report(Journal.Recovery recovery) {
        recovery.heldRuns().forEach(held -> LOG.error("Run {} is held: {}", held.run(), held.cause()));
        List<Recovered.RunRecord> runs = recovery.recovered().runs();
        if (!runs.isEmpty()) {
            String ids = runs.stream()
                    .map(run -> Integer.toString(run.graph().run()))
                    .collect(Collectors.joining(", "));
            LOG.info("Runs that go on: {}.", ids);
        }
    }

    private ConnectionFile connectionFile(DaemonConfig config, int port, CurveKeys server, CurveKeys peer)
            throws IOException {
        List<String> addresses =
                config.addresses().isEmpty() ? Addresses.ofThisHost(config.bind()) : config.addresses();
        return new ConnectionFile(
                version.toString(), addresses, port, server.publicKey(), peer.publicKey(), peer.secretKey());
    }

    private void fail(Throwable failure) {
        LOG.error("The sockets can't go on; the daemon is to be started again.", failure);
        leaveAtOnce.accept(DaemonMain.START_AGAIN);
    }
}
