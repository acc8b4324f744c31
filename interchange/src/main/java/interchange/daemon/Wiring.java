package interchange.daemon;

import interchange.broker.Broker;
import interchange.broker.FilesSocket;
import interchange.broker.KeyStore;
import interchange.broker.ZmqBroker;
import interchange.core.Decisions;
import interchange.core.Event;
import interchange.core.Now;
import interchange.core.Scheduler;
import interchange.core.Timing;
import interchange.files.FileServer;
import interchange.files.Troubled;
import interchange.journal.JournalBlockedException;
import interchange.journal.JournalReader;
import interchange.launch.Installation;
import interchange.provider.BatchRunner;
import interchange.settings.DaemonConfig;
import interchange.settings.InvalidSettingsException;
import interchange.shared.Reasons;
import interchange.site.NodeCapacity;
import interchange.wire.ConnectionFile;
import interchange.wire.CurveKeys;
import interchange.wire.Version;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.function.IntConsumer;
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
    private final Inbox inbox = new Inbox();
    private final Troubles troubles = new Troubles();
    private final TurnTimes times = new TurnTimes();
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
        home.prepare();
        claim(takeover);
        DaemonConfig config = readConfig();
        Timing timing = timing(config);
        Stored stored = Stored.open(home, environment, capacity, undo);
        Scheduler scheduler =
                new Scheduler(stored.recovered(), timing, config.concurrencyLimits(), new SecureRandom(), clock.get());
        Live live = new Live(scheduler, inbox, clock);
        ExecutorService loader = undo.executor("loader");

        KeyStore keys = openKeys();
        Reception reception = new Reception(inbox, version);
        Broker broker = openBroker(config, keys, reception);
        FilesSocket files = openFiles(config, keys);
        List<String> addresses =
                config.addresses().isEmpty() ? Addresses.ofThisHost(config.bind()) : config.addresses();
        ConnectionFiles connections = new ConnectionFiles(
                home, connection(addresses, broker.workerPort(), files.port(), keys, keys.worker()));

        Blocks blocks = blocks(config, stored, connections);
        BroughtWorkflows brought = new BroughtWorkflows(
                reader(stored),
                stored.sites(),
                live,
                stored.environments(),
                home,
                capacity,
                troubles,
                new PatientExecutor(loader));
        Conductor conductor = conductor(stored, scheduler, broker, blocks, brought, timing);
        reception.open(broker, requests(stored, live, broker, files, loader));
        files.start(fileServer(files, stored));
        // Before what it reads with.
        undo.add(files::close);
        // Last, since whoever finds these files finds a daemon that answers.
        connections.write(
                connection(addresses, broker.controlPort(), 0, keys, keys.client()),
                stored.sites().all());
        LOG.info(
                "Version {} is ready in {} (workers: port {}, clients: port {}, files: port {}).",
                version,
                home.directory(),
                broker.workerPort(),
                broker.controlPort(),
                files.port());
        return new Daemon(conductor, inbox, times, undo);
    }

    // ---- the directory is ours

    private void claim(boolean takeover) throws IOException, RefusedException {
        String token = UUID.randomUUID().toString();
        OwnerFile owner = OwnerFile.acquire(home.owner(), machine, token, takeover);
        OwnerWatch watch = new OwnerWatch(owner, troubles, () -> leaveAtOnce.accept(DaemonMain.REFUSED));
        undo.add(watch::close);
        watch.start();
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

    // ---- the sockets

    /** Keys that others may know, or that are damaged, need their user: trying again won't mend them. */
    private KeyStore openKeys() throws RefusedException {
        try {
            return KeyStore.open(home.keys());
        } catch (IOException e) {
            throw new RefusedException(Reasons.of(e));
        }
    }

    private Broker openBroker(DaemonConfig config, KeyStore keys, Reception reception) throws IOException {
        Broker broker = ZmqBroker.open(
                ZmqBroker.Settings.of(config.bind(), config.workerPort(), config.controlPort()),
                keys,
                reception,
                this::fail);
        undo.add(broker::close);
        return broker;
    }

    private FilesSocket openFiles(DaemonConfig config, KeyStore keys) throws IOException {
        FilesSocket files = FilesSocket.open(config.bind(), config.filesPort(), keys, this::fail);
        undo.add(files::close);
        return files;
    }

    private FileServer fileServer(FilesSocket files, Stored stored) {
        return new FileServer(
                files,
                reader(stored),
                reader(stored),
                stored.environments(),
                home.incoming(),
                undo.executor("hasher"),
                undo.executor("placer"),
                new Troubled() {
                    @Override
                    public void begin(String text) {
                        troubles.begin(Troubles.Kind.FILES, text);
                    }

                    @Override
                    public void end() {
                        troubles.end(Troubles.Kind.FILES);
                    }
                });
    }

    private void fail(Throwable failure) {
        LOG.error("The sockets can't go on; the daemon is to be started again.", failure);
        leaveAtOnce.accept(DaemonMain.START_AGAIN);
    }

    private ConnectionFile connection(List<String> addresses, int port, int filesPort, KeyStore keys, CurveKeys peer) {
        return new ConnectionFile(
                version.toString(),
                addresses,
                port,
                filesPort,
                keys.server().publicKey(),
                peer.publicKey(),
                peer.secretKey());
    }

    // ---- what is decided, and done

    private Blocks blocks(DaemonConfig config, Stored stored, ConnectionFiles connections) throws IOException {
        Installation installation = Installation.ofThisProcess(environment);
        BlockFiles files =
                new BlockFiles(home, connections, Keeper.fromJars(installation.jars()), installation, environment);
        BatchRunner runner = new BatchRunner(config.batchCommands());
        undo.add(runner::close);
        Blocks blocks = new Blocks(stored.sites(), files, runner, undo.executor("preparer"), inbox::put);
        blocks.recover(stored.recovered().blocks());
        return blocks;
    }

    private Conductor conductor(
            Stored stored, Scheduler scheduler, Broker broker, Blocks blocks, BroughtWorkflows brought, Timing timing) {
        Sessions sessions = new Sessions(broker);
        Backlog backlog = new Backlog();
        Dispatcher dispatcher =
                new Dispatcher(sessions, reader(stored), stored.environments(), clock, backlog, troubles);
        Effects effects =
                new Effects(sessions, dispatcher, blocks, stored.sites(), brought::takeIn, timing, version.toString());
        return new Conductor(decider(scheduler), stored.journal(), inbox, backlog, effects, clock, times, troubles);
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

    // ---- answers to clients

    private Requests requests(Stored stored, Live live, Broker broker, FilesSocket files, ExecutorService loader) {
        Remembered remembered = new Remembered();
        remembered.recover(stored.recovered().runs());
        return new Requests(
                broker,
                version,
                answers(stored, live, broker, files),
                remembered,
                troubles,
                undo.executor("query"),
                loader);
    }

    /** Begins now, and again after each purge. */
    private Runnable tidy(Stored stored) {
        StrayBlocks strays = new StrayBlocks(home, stored.journal());
        ExecutorService tidier = undo.executor("tidier");
        Runnable tidy = () -> tidier.execute(
                () -> strays.remove(Instant.ofEpochMilli(clock.get().epochMillis())));
        tidy.run();
        return tidy;
    }

    /** Each thread reads over a connection of its own. */
    private Answers answers(Stored stored, Live live, Broker broker, FilesSocket files) {
        JournalReader queried = reader(stored);
        JournalReader loaded = reader(stored);
        RunLookup runs = new RunLookup(live, queried);
        return new Answers(
                new Pinging(
                        () -> broker.counters().plus(files.counters()),
                        live,
                        troubles,
                        home,
                        machine,
                        version.toString(),
                        clock),
                new RunQueries(runs, live, queried, clock),
                new UsageQueries(runs, queried),
                new JobQueries(runs, live, queried),
                new ClusterQueries(live, stored.sites(), clock),
                new Commands(runs, live, stored.journal(), home, inbox, troubles, clock, tidy(stored)),
                new Submissions(
                        loaded,
                        stored.sites(),
                        live,
                        stored.environments(),
                        home,
                        machine,
                        capacity,
                        clock,
                        stored.recovered().nextRun()),
                new Restarts(
                        new RunLookup(live, loaded),
                        live,
                        new Revival(live, stored.journal()),
                        loaded,
                        stored.sites(),
                        stored.environments()),
                new Exports(stored.journal()));
    }

    private JournalReader reader(Stored stored) {
        JournalReader reader = stored.journal().reader();
        undo.add(reader::close);
        return reader;
    }
}
