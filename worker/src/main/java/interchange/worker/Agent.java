package interchange.worker;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Hello;
import interchange.proto.worker.Refused;
import interchange.proto.worker.Run;
import interchange.proto.worker.Task;
import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.worker.files.Courier;
import interchange.worker.files.News;
import interchange.worker.process.Clock;
import interchange.worker.process.Ended;
import interchange.worker.process.Environment;
import interchange.worker.process.MemoryKills;
import interchange.worker.process.MemoryLook;
import interchange.worker.process.Reaper;
import interchange.worker.process.Spawner;
import interchange.worker.warm.Warm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop of a worker: hears the daemon, starts and ends jobs, reports, and knows when to leave. */
final class Agent {
    /** The keeper doesn't start another: this one left in order. */
    static final int EXIT_LEFT = 0;
    /** The keeper clears up and starts another: the lease was over, or something would not die. */
    static final int EXIT_FENCED = 75;

    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
    private static final int MESSAGES_PER_TURN_MAX = 64;
    private static final int STARTS_PER_TURN_MAX = 32;
    private static final long DEFAULT_GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LEAVING_GRACE_MAX_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Of a TERM: some batch systems kill 5 s after theirs, and what became of the jobs must be said before that. */
    private static final long TOLD_GRACE_MAX_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long LEAVING_MAX_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long ACKNOWLEDGE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);
    /** A daemon may be down when its block starts, but an allocation isn't held for it without end. */
    private static final long FIRST_WELCOME_PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(15);

    private final Identity identity;
    private final long pid = ProcessHandle.current().pid();
    private final Place place;
    private final Clock clock;
    private final Inbox inbox;
    private final Lease lease = new Lease();
    private final LeaseSign sign = LeaseSign.ofThisProcess();
    private final Outbox outbox = new Outbox();
    private final Courier courier;
    private final Warm warm;
    private final Capacity capacity;
    private final Bounds bounds;
    private final Jobs jobs;
    private final Uplink uplink;
    private final long startNanos;
    private volatile boolean told;
    private boolean hurried;
    private boolean welcomed;
    private boolean draining;
    private boolean refused;
    private long helloCount;
    private long allDeadNanos = Long.MAX_VALUE;
    private long graceNanos = DEFAULT_GRACE_NANOS;
    private Optional<Departure> departure = Optional.empty();

    Agent(
            Identity identity,
            Place place,
            Dialer dialer,
            Inbox inbox,
            Reaper reaper,
            Spawner spawner,
            Warm warm,
            Courier courier,
            Clock clock,
            MemoryKills kills,
            RandomGenerator random) {
        this.identity = identity;
        this.place = place;
        this.clock = clock;
        this.inbox = inbox;
        startNanos = clock.bootNanos();
        uplink = new Uplink(dialer, this::hello, outbox, lease, random);
        inbox.wakeBy(uplink::wake);
        this.courier = courier;
        this.warm = warm;
        courier.incarnation(identity.incarnation());
        courier.tell(inbox::offer);
        capacity = new Capacity(place.cores(), place.memoryMiB());
        bounds = Bounds.of(place, clock);
        var starter = new Starter(spawner, warm, identity, bounds.blockEnd());
        jobs = new Jobs(starter::start, courier, reaper, capacity, bounds, outbox, clock, kills, place.batch());
    }

    /**
     * Who this process is.
     *
     * @param incarnation random, of this process alone
     * @param inherited variables of its own that its jobs get, so that they can be found when it is dead
     */
    record Identity(String version, String incarnation, Map<String, String> inherited) {
        Identity {
            inherited = Map.copyOf(inherited);
        }
    }

    /**
     * Why it leaves.
     *
     * @param latestNanos when it goes even if something would not die
     * @param patient whether results are worth waiting for a daemon that is away
     */
    private record Departure(String reason, int exitCode, long latestNanos, boolean patient) {}

    /** Asks the loop to kill its jobs and leave; from any thread. */
    void tellToLeave() {
        told = true;
        inbox.wakeLoop();
    }

    /** Returns the exit code. */
    int run() {
        while (true) {
            long now = clock.bootNanos();
            watch(now);
            if (departure.isPresent() && isReadyToGo(departure.get(), now)) {
                return go(departure.get());
            }
            jobs.fireTimers(now, graceNanos);
            jobs.terminate();
            startWhatFits();
            warm.look(now, capacity.freeMemoryMiB());
            keepUp(clock.bootNanos());
            hear();
            takeEnds();
        }
    }

    private void watch(long now) {
        sign.show(lease.endsNanos() == Long.MAX_VALUE ? Long.MAX_VALUE : lease.endsNanos() + graceNanos);
        hurry();
        if (departure.isPresent()) {
            return;
        }
        if (lease.isOver(now)) {
            leaveAtOnce("the lease is over");
        } else if (told) {
            leave("told to end");
        } else if (!welcomed && now - startNanos > FIRST_WELCOME_PATIENCE_NANOS) {
            leave("no daemon within " + TimeUnit.NANOSECONDS.toMinutes(FIRST_WELCOME_PATIENCE_NANOS) + " min");
        } else if (draining && jobs.runningCount() == 0 && !outbox.hasUnacknowledged()) {
            leave("drained");
        }
    }

    /** One that is leaving at leisure may still be told that the block ends. */
    private void hurry() {
        if (told && !hurried && departure.isPresent()) {
            hurried = true;
            jobs.killAll(Cause.WORKER_LEFT, TOLD_GRACE_MAX_NANOS);
        }
    }

    private void leave(String reason) {
        LOG.info("leaving: {}", reason);
        long now = clock.bootNanos();
        long grace = Math.min(graceNanos, told ? TOLD_GRACE_MAX_NANOS : LEAVING_GRACE_MAX_NANOS);
        hurried = told;
        departure = Optional.of(new Departure(reason, EXIT_LEFT, now + LEAVING_MAX_NANOS, !refused));
        // First, else what it gives back is given to it again.
        uplink.sayLeaving();
        jobs.retractAllWaiting();
        warm.leave();
        jobs.killAll(Cause.WORKER_LEFT, grace);
        uplink.redialAtOnce();
    }

    /** Nobody may rely on us any more: others may be given what runs here. */
    private void leaveAtOnce(String reason) {
        jobs.killAll(Cause.WORKER_LEFT, 0);
        warm.leave();
        LOG.warn("leaving: {}", reason);
        long now = clock.bootNanos();
        departure = Optional.of(new Departure(reason, EXIT_FENCED, now + LEAVING_MAX_NANOS, false));
        jobs.retractAllWaiting();
    }

    private boolean isReadyToGo(Departure leaving, long now) {
        if (now >= leaving.latestNanos()) {
            return true;
        }
        if (jobs.runningCount() > 0 || warm.isAlive()) {
            return false;
        }
        allDeadNanos = Math.min(allDeadNanos, now);
        boolean heard = !outbox.hasUnacknowledged() && outbox.dueNanos() == Long.MAX_VALUE;
        if (heard || (leaving.patient() && !refused && outbox.hasUnacknowledged())) {
            return heard;
        }
        return !uplink.isUp() || now >= allDeadNanos + ACKNOWLEDGE_PATIENCE_NANOS;
    }

    private int go(Departure leaving) {
        int exitCode = leaving.exitCode();
        if (jobs.runningCount() > 0 || warm.isAlive()) {
            LOG.error("{} jobs{} would not die", jobs.runningCount(), warm.isAlive() ? " and a template" : "");
            exitCode = EXIT_FENCED;
        } else {
            uplink.sayGoodbye(leaving.reason());
        }
        uplink.close();
        warm.close();
        // Last: removing what lies about may take a while. What its keeper starts next can use the cache.
        courier.close(exitCode == EXIT_FENCED);
        return exitCode;
    }

    private void startWhatFits() {
        if (departure.isPresent()) {
            return;
        }
        for (int i = 0; i < STARTS_PER_TURN_MAX && jobs.canStartNext() && !lease.isOver(clock.bootNanos()); i++) {
            jobs.startNext();
        }
    }

    /** A machine may be frozen at any moment: what the daemon hears must not prolong a lease that is over. */
    private void keepUp(long now) {
        if (departure.isPresent() || !lease.isOver(now)) {
            uplink.keepUp(now);
        }
        courier.controlIs(uplink.isUp());
    }

    private void hear() {
        long wait = inbox.maySleep() && !jobs.canStartNext() && !told ? nextDueNanos() - clock.bootNanos() : 0;
        Optional<ToWorker> message = uplink.receive(wait);
        inbox.awake();
        // After a wait of unknown length, such as a freeze, what we may still do comes before what we are told.
        long now = clock.bootNanos();
        if (departure.isEmpty() && lease.isOver(now)) {
            return;
        }
        for (int i = 1; message.isPresent(); i++) {
            if (uplink.admit(message.get(), now)) {
                onMessage(message.get(), now);
            }
            message = i < MESSAGES_PER_TURN_MAX ? uplink.receive(0) : Optional.empty();
        }
    }

    private long nextDueNanos() {
        long next = Math.min(uplink.nextDueNanos(), jobs.nextTimerNanos());
        next = Math.min(next, departure.map(Departure::latestNanos).orElse(lease.endsNanos()));
        return Math.min(next, clock.bootNanos() + TimeUnit.SECONDS.toNanos(1));
    }

    private void takeEnds() {
        for (Ended end = inbox.ended().poll(); end != null; end = inbox.ended().poll()) {
            if (warm.isLoss(end)) {
                jobs.onKilledBeside();
            }
            if (!warm.ended(end)) {
                jobs.onEnded(end);
            }
        }
        for (News one = inbox.news().poll(); one != null; one = inbox.news().poll()) {
            jobs.onNews(one);
        }
        inbox.takeMemory().ifPresent(this::onMemory);
    }

    private void onMemory(MemoryLook node) {
        if (node.isShort()) {
            warm.onShortMemory();
        }
        jobs.onMemory(node);
    }

    private void onMessage(ToWorker message, long now) {
        switch (message.getBodyCase()) {
            case WELCOME -> onWelcome(message, now);
            case REFUSED -> onRefused(message.getRefused(), now);
            case RUN -> onRun(message.getRun(), now);
            case RETRACT -> message.getRetract().getAttemptsList().forEach(name -> jobs.retract(AttemptId.of(name)));
            case KILL -> kill(message.getKill().getAttemptsList());
            case ACKNOWLEDGE -> acknowledged(message.getAcknowledge().getAttemptsList());
            case HEARTBEAT_ACK ->
                uplink.onHeartbeatAck(message.getHeartbeatAck().getNumber());
            case DRAIN -> onDrain();
            case SHUTDOWN -> onShutdown();
            case BODY_NOT_SET -> LOG.warn("dropped a message of a kind that this version doesn't know");
        }
    }

    private void onWelcome(ToWorker message, long now) {
        Welcome welcome = message.getWelcome();
        welcomed = true;
        graceNanos = TimeUnit.MILLISECONDS.toNanos(welcome.getKillGraceMillis());
        bounds.settle(Limits.of(welcome.getLimits()));
        courier.settings(welcome.getScratch(), welcome.getFileCacheMib());
        warm.settings(welcome.getSite(), welcome.getWarmList(), welcome.getCommandPrefix());
        uplink.onWelcome(message, now);
        kill(welcome.getKillList());
        acknowledged(welcome.getAcknowledgedList());
    }

    private void onRefused(Refused refusal, long now) {
        if (refusal.getTryAgain()) {
            uplink.dropFor(refusal.getReason(), TimeUnit.MILLISECONDS.toNanos(refusal.getRetryMillis()), now);
            return;
        }
        refused = true;
        uplink.drop("refused: " + refusal.getReason(), now);
        if (departure.isEmpty()) {
            leave("refused: " + refusal.getReason());
        }
    }

    private void onRun(Run run, long now) {
        Session session = uplink.session().orElseThrow();
        run.getEnvironmentsList().forEach(one -> session.learn(one.getId(), one.getVariablesMap()));
        boolean all = run.getTasksList().stream().allMatch(task -> onTask(task, session));
        session.forgetOldEnvironments();
        if (!all) {
            uplink.drop("an environment that was forgotten is needed again", now);
        }
    }

    /** False: in this session it can't be run any more, and is as good as lost. */
    private boolean onTask(Task task, Session session) {
        if (draining || departure.isPresent()) {
            jobs.retract(AttemptId.of(task.getAttempt()));
        } else if (session.hasForgotten(task.getEnvironment())) {
            return false;
        } else {
            Optional<Environment> environment = session.environment(task.getEnvironment());
            jobs.accept(task, environment);
        }
        return true;
    }

    private void kill(List<AttemptName> names) {
        names.forEach(name -> jobs.kill(AttemptId.of(name), Cause.KILLED, graceNanos));
    }

    private void acknowledged(List<AttemptName> names) {
        names.forEach(name -> jobs.acknowledged(AttemptId.of(name)));
    }

    private void onDrain() {
        draining = true;
        jobs.retractAllWaiting();
    }

    private void onShutdown() {
        if (departure.isEmpty()) {
            leave("the daemon said so");
        }
    }

    private Hello hello(long now) {
        Hello hello = place.hello(TimeUnit.NANOSECONDS.toSeconds(now - startNanos))
                .setVersion(identity.version())
                .setIncarnation(identity.incarnation())
                .setNumber(++helloCount)
                .setPid(pid)
                .setLeaving(departure.isPresent())
                .addAllHeld(jobs.everything())
                .build();
        outbox.toldAll(now);
        return hello;
    }
}
