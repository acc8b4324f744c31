package interchange.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.BlockPhase;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.JobEnd;
import interchange.core.JobId;
import interchange.core.RunGraph;
import interchange.core.RunState;
import interchange.core.Site;
import interchange.core.StopMode;
import interchange.core.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** One world, from its seed to its end. */
final class Simulation {
    /** After this the world is kind, so that everything must come to its end. */
    private static final long EVIL_MILLIS = 3_600_000;

    /** By then it must have: leases, back-offs and queues all fit many times. */
    private static final long LAST_MILLIS = 40 * 3_600_000L;

    private static final long MISCHIEF_MILLIS = 5_000;
    private static final long LONGEST_FREEZE_MILLIS = 600_000;

    final Clockwork clock = new Clockwork();
    final SplittableRandom random;
    /** Events that the daemon takes in one turn, at most: mostly one, so that all is checked after each. */
    final int batchMax;

    /** Nothing goes wrong. */
    final boolean kind;

    /** Draws what only rich worlds have, so that poor ones stay as they are. */
    private final Optional<SplittableRandom> riches;

    final Thrift thrift = new Thrift(this);

    /** What a node really has. */
    final int nodeCores;

    final int nodeMemoryMiB = 4_096;

    /** All are alike, and of one batch system. */
    final List<Site> sites;

    final Site site;
    final Executions executions;
    final SimBatchSystem batch = new SimBatchSystem(this);
    final SimDaemon daemon;
    Faults faults;

    private final Optional<SqliteTwin> twin;
    private final Ledger ledger = new Ledger();
    private final List<SimLink> links = new ArrayList<>();
    private final Map<Integer, SimRun> runs = new LinkedHashMap<>();
    private final Map<Integer, Integer> cancels = new HashMap<>();
    private final Set<Integer> restarts = new HashSet<>();
    private long numbers;

    /** @param directory where a real journal is kept beside the ledger, which costs time */
    Simulation(long seed, Optional<Path> directory) {
        this(seed, directory, false, Optional.empty());
    }

    /** A world with groups of jobs, limits, memory that runs out, and whatever else workflows can say. */
    static Simulation rich(long seed, Optional<Path> directory) {
        return new Simulation(seed, directory, false, Optional.of(new SplittableRandom(~seed)));
    }

    /** A world in which nothing goes wrong. */
    static Simulation kind(long seed) {
        return new Simulation(seed, Optional.empty(), true, Optional.empty());
    }

    private Simulation(long seed, Optional<Path> directory, boolean kind, Optional<SplittableRandom> riches) {
        this.kind = kind;
        this.riches = riches;
        random = new SplittableRandom(seed);
        faults = kind ? Faults.none() : Faults.drawn(random);
        batchMax = random.nextInt(4) == 0 ? 20 : 1;
        nodeCores = 2 + random.nextInt(4);
        site = drawSite();
        sites = random.nextInt(3) == 0 ? List.of(site, second(site)) : List.of(site);
        sites.forEach(ledger::store);
        twin = directory.map(place -> new SqliteTwin(place, sites));
        executions = new Executions(this::parentsSucceeded, ledger::succeeded);
        daemon = new SimDaemon(this, Timing.standard(), ledger, twin);
    }

    private Site drawSite() {
        return new Site(
                1,
                "sim",
                "batch",
                1 + random.nextInt(3),
                drawSaidCores(),
                random.nextInt(3) == 0 ? 0 : nodeMemoryMiB,
                riches.isPresent() ? 2_000 : 0,
                random.nextBoolean() ? Duration.ZERO : Duration.ofMinutes(20 + random.nextInt(40)),
                random.nextInt(2),
                random.nextInt(2),
                1 + random.nextInt(4),
                1.0,
                Duration.ofSeconds(30 + random.nextInt(300)),
                Duration.ofMinutes(2 + random.nextInt(5)),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofMinutes(10),
                1_000,
                Duration.ofSeconds(5 + random.nextInt(30)),
                0,
                0,
                "");
    }

    /** A site may not say what its nodes have, or say more than they give. */
    private int drawSaidCores() {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> nodeCores + 1;
            default -> nodeCores;
        };
    }

    private static Site second(Site first) {
        return new Site(
                2,
                "sim2",
                first.batchSystem(),
                first.nodesPerBlock(),
                first.cores(),
                first.memoryMiB(),
                first.diskMiB(),
                first.walltime(),
                first.initBlocks(),
                first.minBlocks(),
                first.maxBlocks(),
                first.parallelism(),
                first.idleTimeout(),
                first.disconnectGrace(),
                first.killGrace(),
                first.drainBefore(),
                first.minRemaining(),
                first.maxBlockFailures(),
                first.pollInterval(),
                first.maxJobs(),
                0,
                "");
    }

    /** Runs to the end of all runs, then until nothing is left anywhere. */
    void run() {
        daemon.start();
        int count = 1 + random.nextInt(3);
        for (int id = 1; id <= count; id++) {
            SimRun run = SimRun.drawn(id, sites, nodeCores, random, riches);
            runs.put(id, run);
            ledger.stage(run.graph);
            clock.in(random.nextInt(600_000), () -> submit(run));
        }
        clock.in(MISCHIEF_MILLIS, this::mischief);
        while (!finished()) {
            assertThat(clock.elapsed())
                    .as("virtual time when all should be over: %s", this)
                    .isLessThan(LAST_MILLIS);
            assertThat(clock.step()).isTrue();
        }
        daemon.checkJournal();
        twin.ifPresent(SqliteTwin::close);
        runs.values().forEach(this::checkOutcome);
        assertThat(executions.running())
                .as("jobs that run when all runs have ended")
                .isZero();
    }

    private boolean finished() {
        return daemon.isUp()
                && runs.keySet().stream()
                        .allMatch(id -> ledger.visible(id) && ledger.state(id).ended())
                && batch.notOver() == 0
                && ledger.recover().workers().isEmpty()
                && ledger.recover().blocks().isEmpty();
    }

    // ---- users

    private void submit(SimRun run) {
        RunGraph graph = run.graph;
        sites.forEach(one -> daemon.receive(new Event.SiteAdded(one)));
        if (!ledger.visible(graph.run())) {
            // What was staged before a crash is gone with it.
            twin.ifPresent(journal -> journal.stage(run));
            daemon.receive(new Event.RunSubmitted(graph));
            clock.in(5_000 + random.nextInt(10_000), () -> submit(run));
        } else if (random.nextInt(6) == 0) {
            clock.in(random.nextInt(900_000), () -> cancel(graph.run(), random.nextInt(4) == 0));
        }
    }

    private void cancel(int run, boolean force) {
        int number = cancels.merge(run, 1, Integer::sum);
        Event event = new Event.RunCancelled(run, "cancel" + number, force);
        daemon.receive(event);
        daemon.receive(event);
        if (number < 3 && !ledger.state(run).ended()) {
            clock.in(random.nextInt(600_000), () -> cancel(run, false));
        }
    }

    void onRunEnded(int run) {
        boolean unlucky = ledger.state(run) != RunState.SUCCEEDED;
        if (unlucky && restarts.size() < 2 && random.nextBoolean() && restarts.add(run)) {
            Event event = new Event.RunRestarted(ledger.recoverRun(run), "restart" + run);
            clock.in(1_000, () -> {
                daemon.receive(event);
                daemon.receive(event);
            });
        }
    }

    // ---- the enemy

    private void mischief() {
        if (clock.elapsed() > EVIL_MILLIS) {
            faults = Faults.none();
            return;
        }
        clock.in(MISCHIEF_MILLIS, this::mischief);
        if (chance(faults.stop())) {
            StopMode mode = StopMode.values()[random.nextInt(StopMode.values().length)];
            daemon.receive(new Event.StopRequested(mode, Duration.ofSeconds(random.nextInt(300))));
        }
        for (SimBlock block : List.copyOf(batch.blocks.values())) {
            if (block.over()) {
                continue;
            }
            if (chance(faults.endBlock())) {
                block.end(random.nextInt(3) == 0 ? BlockPhase.NODE_FAILED : BlockPhase.ENDED);
                continue;
            }
            if (chance(faults.loseNode())) {
                block.loseNode();
            }
            if (chance(faults.requeueBlock())) {
                block.requeue(random.nextInt(3) == 0);
            }
            if (chance(faults.suspendBlock())) {
                block.suspend(random.nextLong(LONGEST_FREEZE_MILLIS));
            }
            block.keepers.forEach(this::disturb);
        }
    }

    private void disturb(SimKeeper keeper) {
        SimWorker worker = keeper.worker();
        if (keeper.over() || !worker.alive()) {
            return;
        }
        if (chance(faults.killWorker())) {
            worker.begun().forEach(executions::blameDeath);
            worker.die();
            keeper.onDied(worker);
        } else if (chance(faults.freezeWorker())) {
            worker.freeze(random.nextLong(LONGEST_FREEZE_MILLIS));
        } else if (chance(faults.cutLink())) {
            worker.cutLink();
        }
    }

    // ---- what the others ask

    boolean chance(double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    long nextNumber() {
        return ++numbers;
    }

    SimLink connect(SimWorker worker) {
        SimLink link = new SimLink(links.size(), worker, this);
        links.add(link);
        return link;
    }

    SimLink link(long id) {
        return links.get((int) id);
    }

    SimJob job(JobId id) {
        return run(id).jobs.get(id.job());
    }

    int cpus(JobId id) {
        return run(id).whole().shapeOf(id.job()).cpus();
    }

    private SimRun run(JobId id) {
        return Optional.ofNullable(runs.get(id.run())).orElseThrow();
    }

    private boolean parentsSucceeded(JobId id) {
        return parents(id).stream().allMatch(this::hasPassed);
    }

    /** Those that are there: of what a job may bring, a part only when it has. */
    private List<JobId> parents(JobId id) {
        return run(id).parents(id.job()).stream()
                .filter(parent -> parent < ledger.jobs(id.run()))
                .map(parent -> new JobId(id.run(), parent))
                .toList();
    }

    /** In truth, as far as there is one: of what a join waits for, the journal alone knows the ends. */
    private boolean hasPassed(JobId id) {
        RunGraph graph = run(id).whole();
        if (!graph.isNoop(id.job())) {
            return executions.hasSucceeded(id);
        }
        return graph.isJoin(id.job())
                ? parents(id).stream().allMatch(parent -> ledger.end(parent) != JobEnd.OPEN)
                : parentsSucceeded(id);
    }

    /** What a job has brought is read, which takes a while; a daemon that dies meanwhile asks again. */
    void takeIn(Effect.TakeIn effect, Consumer<Event> answer) {
        SimRun run = Optional.ofNullable(runs.get(effect.run())).orElseThrow();
        clock.in(
                random.nextInt(20_000),
                () -> run.brought()
                        .ifPresentOrElse(
                                larger -> {
                                    if (ledger.jobs(larger.run()) == run.graph.jobs()) {
                                        ledger.stage(larger);
                                        twin.ifPresent(journal -> journal.stageBrought(run, larger));
                                    }
                                    answer.accept(new Event.WorkflowBrought(larger, effect.generation(), effect.job()));
                                },
                                () -> answer.accept(new Event.WorkflowNotBrought(
                                        effect.run(), effect.generation(), effect.job(), "spoilt"))));
    }

    // ---- what must have come of it

    private void checkOutcome(SimRun run) {
        RunState state = ledger.state(run.graph.run());
        boolean cancelled = cancels.containsKey(run.graph.run());
        List<SimJob> there = run.jobs.subList(0, ledger.jobs(run.graph.run()));
        if (!cancelled && !restarts.contains(run.graph.run()) && !ledger.aborted(run.graph.run())) {
            List<JobId> givenUp = there.stream()
                    .filter(job -> !job.hopeless() && ledger.end(job.id()) == JobEnd.FAILED)
                    .filter(job -> !mayHaveStarved(run, job))
                    .map(SimJob::id)
                    .toList();
            assertThat(givenUp)
                    .as("jobs that failed through no fault of theirs")
                    .allMatch(executions::mayBeGivenUp);
            boolean failed = there.stream().anyMatch(job -> ledger.end(job.id()) == JobEnd.FAILED);
            assertThat(state).isEqualTo(failed ? RunState.FAILED : RunState.SUCCEEDED);
            there.forEach(job ->
                    assertThat(ledger.end(job.id())).as("end of %s", job.id()).isEqualTo(expectedEnd(run, job)));
        }
        for (SimJob job : there) {
            JobEnd end = ledger.end(job.id());
            assertThat(end).as("end of %s", job.id()).isNotEqualTo(JobEnd.OPEN);
            if (end == JobEnd.SUCCEEDED && !run.whole().isNoop(job.id().job())) {
                assertThat(executions.hasSucceeded(job.id())).isTrue();
            }
            if (end == JobEnd.PRUNED) {
                assertThat(parents(job.id()))
                        .as("parents of pruned %s", job.id())
                        .anyMatch(parent -> {
                            JobEnd above = ledger.end(parent);
                            return above == JobEnd.FAILED || above == JobEnd.PRUNED;
                        });
            }
        }
    }

    /** It ran out of memory where it could get no more, or what it brought was spoilt. */
    private static boolean mayHaveStarved(SimRun run, SimJob job) {
        boolean grows = run.whole().policyOf(job.id().job()).memoryMultiplier() > 1;
        boolean brought = run.whole().brings(job.id().job()) && run.brought().isEmpty();
        return (job.hungry() && job.failures() > 0 && grows) || brought;
    }

    /** By the graph's rules alone, from the ends of the jobs above. */
    private JobEnd expectedEnd(SimRun run, SimJob job) {
        int index = job.id().job();
        List<JobEnd> above = parents(job.id()).stream().map(ledger::end).toList();
        boolean blocked = above.contains(JobEnd.FAILED) || above.contains(JobEnd.PRUNED);
        if (run.whole().isJoin(index)) {
            boolean started = above.contains(JobEnd.SUCCEEDED) || above.contains(JobEnd.FAILED);
            return started ? JobEnd.SUCCEEDED : JobEnd.PRUNED;
        }
        if (blocked) {
            return JobEnd.PRUNED;
        }
        if (run.whole().isNoop(index)) {
            return JobEnd.SUCCEEDED;
        }
        JobEnd end = ledger.end(job.id());
        return job.hopeless() || end == JobEnd.FAILED ? JobEnd.FAILED : JobEnd.SUCCEEDED;
    }

    @Override
    public String toString() {
        return "after " + clock.elapsed() / 1_000 + " s, " + executions.count() + " executions, " + daemon.crashes
                + " crashes, blocks not over: " + batch.notOver() + ", " + faults + ", " + site;
    }
}
