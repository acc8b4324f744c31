package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Drain;
import interchange.proto.worker.Environment;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Held;
import interchange.proto.worker.Hello;
import interchange.proto.worker.Kill;
import interchange.proto.worker.Limits;
import interchange.proto.worker.Refused;
import interchange.proto.worker.Retract;
import interchange.proto.worker.Run;
import interchange.proto.worker.Shutdown;
import interchange.proto.worker.Task;
import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.worker.files.Courier;
import interchange.worker.files.FakeFiles;
import interchange.worker.process.Bench;
import interchange.worker.process.BootClock;
import interchange.worker.process.Clock;
import interchange.worker.process.MemoryKills;
import interchange.worker.process.MemorySampler;
import interchange.worker.process.NodeMemory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
    private static final Environment PLAIN = Environment.newBuilder()
            .setId(1)
            .putVariables("PATH", "/usr/bin:/bin")
            .build();

    @TempDir
    Path directory;

    private final FakeDaemon daemon = new FakeDaemon();
    private final AtomicLong skippedNanos = new AtomicLong();
    private final AtomicLong skippedAtStartNanos = new AtomicLong();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final FakeFiles files = new FakeFiles();
    private final Inbox inbox = new Inbox();
    private final Agent agent = agent();

    private Agent agent() {
        var courier = new Courier(files, Bench.files(), "node", "place", Map.of());
        Bench.endsGoTo(inbox::offer);
        return new Agent(
                new Agent.Identity("0.1.0", "incarnation", Map.of("INTERCHANGE_BLOCK_TOKEN", "block")),
                new Place("token", 0, 0, 2, true, "node", 2, 1000, 3600, true),
                daemon,
                inbox,
                Bench.reaper(),
                Bench.spawner(),
                Bench.warm(directory),
                courier,
                new SkippingClock(),
                MemoryKills.ofThisProcess(),
                new SplittableRandom(1));
    }

    /** The real one, which a test can put forward: a machine that was frozen. */
    private final class SkippingClock implements Clock {
        private final Clock real = new BootClock();

        @Override
        public long bootNanos() {
            return real.bootNanos() + skippedNanos.get();
        }

        /** Asked for just before each start. */
        @Override
        public long epochMillis() {
            skippedNanos.addAndGet(skippedAtStartNanos.getAndSet(0));
            return real.epochMillis();
        }
    }

    private void start() {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                exit.complete(agent.run());
            } catch (Throwable e) {
                exit.completeExceptionally(e);
            }
        });
    }

    private void startConnected() {
        start();
        Bench.await(() -> daemon.hellos().size() == 1);
    }

    @AfterEach
    void leave() throws Exception {
        agent.tellToLeave();
        exit.get(30, TimeUnit.SECONDS);
        assertThat(Bench.nothingRuns()).isTrue();
    }

    private static AttemptName name(int job) {
        return AttemptName.newBuilder().setRun(1).setJob(job).build();
    }

    private Task.Builder task(int job, String command) {
        return Task.newBuilder()
                .setAttempt(name(job))
                .setName("job" + job)
                .addAllArgv(List.of("/bin/bash", "-c", command))
                .setDirectory(directory.toString())
                .setStdout(directory.resolve(job + ".out").toString())
                .setStderr(directory.resolve(job + ".err").toString())
                .setEnvironment(1)
                .setCpus(1)
                .setMemoryMib(100);
    }

    private void run(Task.Builder... tasks) {
        Run.Builder run = Run.newBuilder().addEnvironments(PLAIN);
        for (Task.Builder task : tasks) {
            run.addTasks(task);
        }
        daemon.post(ToWorker.newBuilder().setRun(run));
    }

    @Test
    void whatTakesMoreThanTheSiteLetsItIsEndedForWantOfMemory() {
        daemon.welcome(Welcome.newBuilder()
                .setLimits(Limits.newBuilder()
                        .setEnforceMemory(Limits.EnforceMemory.ON)
                        .setMemoryMargin(10))
                .build());
        MemorySampler.start(Bench.reaper(), NodeMemory.ofThisProcess(), Optional.empty(), inbox::offer);
        startConnected();
        // One process has less than it asked for; both together have more. What comes last a shell would become itself.
        String takes = "x=$(head -c 70000000 /dev/zero | tr '\\0' x); sleep 1000; :";
        run(task(1, "(" + takes + ") & (" + takes + ") & wait"), task(2, "sleep 1000"));
        Bench.await(() -> daemon.finished(name(1)));

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        assertThat(daemon.end(name(1)).getMessage()).contains("and asked for 100 MiB");
        assertThat(daemon.end(name(1)).getPeakMemoryMib()).isGreaterThan(110);
        assertThat(daemon.finished(name(2))).isFalse();
    }

    private void kill(int job) {
        daemon.post(ToWorker.newBuilder().setKill(Kill.newBuilder().addAttempts(name(job))));
    }

    private void retract(int job) {
        daemon.post(ToWorker.newBuilder().setRetract(Retract.newBuilder().addAttempts(name(job))));
    }

    private void awaitStarted(int job) {
        Bench.await(() -> daemon.started(name(job)));
    }

    private void awaitFinished(int job) {
        Bench.await(() -> daemon.finished(name(job)));
    }

    @Test
    void helloSaysWhereItIsAndWhatItHas() {
        startConnected();

        Hello hello = daemon.hellos().getFirst();
        assertThat(hello.getBlockToken()).isEqualTo("token");
        assertThat(hello.getStart()).isEqualTo(2);
        assertThat(hello.getEarlierFenced()).isTrue();
        assertThat(hello.getNumber()).isEqualTo(1);
        assertThat(hello.getCores()).isEqualTo(2);
        assertThat(hello.getRemainingSeconds()).isEqualTo(3600);
        assertThat(hello.getHeldList()).isEmpty();
    }

    @Test
    void aJobIsRunAndReported() throws Exception {
        startConnected();
        run(task(
                        1,
                        "env | grep -E '^(INTERCHANGE|X)' | sed -E 's,=1[0-9]{9}$,=soon,; s,(SECONDS)=3[56].*,\\1=about an hour,' | sort; exit 4")
                .putVariables("X", "mine"));
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.ENDED);
        assertThat(daemon.end(name(1)).getExitCode()).isEqualTo(4);
        assertThat(daemon.end(name(1)).getStartedEpochMillis())
                .isBetween(1L, daemon.end(name(1)).getEndedEpochMillis());
        assertThat(Files.readAllLines(directory.resolve("1.out")))
                .containsExactly(
                        "INTERCHANGE_ATTEMPT=0",
                        "INTERCHANGE_ATTEMPT_TOKEN=incarnation/1.1.0",
                        "INTERCHANGE_BLOCK_ENDS=soon",
                        "INTERCHANGE_BLOCK_TOKEN=block",
                        "INTERCHANGE_CORES=1",
                        "INTERCHANGE_JOB=job1",
                        "INTERCHANGE_MEMORY_MIB=100",
                        "INTERCHANGE_REMAINING_SECONDS=about an hour",
                        "INTERCHANGE_RUN=1",
                        "X=mine");
    }

    @Test
    void whatCantBeStartedIsReportedWithItsReason() {
        startConnected();
        run(task(1, "true").setDirectory("/no/such"), task(2, "true").setEnvironment(9));
        awaitFinished(1);
        awaitFinished(2);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.NOT_STARTED);
        assertThat(daemon.end(name(1)).getMessage()).contains("/no/such");
        assertThat(daemon.end(name(2)).getMessage()).contains("its environment, number 9, was never sent");
    }

    @Test
    void whatDoesNotFitWaitsInOrderAndCanBeRetracted() {
        startConnected();
        run(
                task(1, "until [ -e go ]; do sleep 0.01; done"),
                task(2, "true").setCpus(2),
                task(3, "true"),
                task(4, "true").setMemoryMib(5000));
        awaitStarted(1);
        retract(3);
        retract(1);
        Bench.await(() -> daemon.retracted(name(3)));

        assertThat(daemon.retracted(name(1))).isFalse();
        assertThat(daemon.started(name(2))).isFalse();
        touch("go");
        awaitFinished(4);
        assertThat(daemon.end(name(2)).getStartedEpochMillis())
                .isGreaterThanOrEqualTo(daemon.end(name(1)).getEndedEpochMillis());
        assertThat(daemon.end(name(4)).getStartedEpochMillis())
                .isGreaterThanOrEqualTo(daemon.end(name(2)).getEndedEpochMillis());
        assertThat(daemon.reports(name(3))).noneMatch(report -> report.hasFinished());
    }

    private void touch(String file) {
        try {
            Files.createFile(directory.resolve(file));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anAttemptThatIsKnownIsNotRunAgain() throws Exception {
        startConnected();
        run(task(1, "echo once >> count; until [ -e go ]; do sleep 0.01; done"));
        awaitStarted(1);
        run(task(1, "echo again >> count"));
        touch("go");
        awaitFinished(1);

        assertThat(Files.readAllLines(directory.resolve("count"))).containsExactly("once");
    }

    @Test
    void anEarlierAttemptsOutputIsKept() throws Exception {
        startConnected();
        Files.writeString(directory.resolve("1.out"), "earlier\n");
        AttemptName third = name(1).toBuilder().setNumber(3).build();
        run(task(1, "echo later").setAttempt(third));
        Bench.await(() -> daemon.finished(third));

        assertThat(directory.resolve("1.out.2")).hasContent("earlier\n");
        assertThat(directory.resolve("1.out")).hasContent("later\n");
    }

    @Test
    void aKilledJobMayEndByItselfWithinTheGrace() {
        daemon.killGrace(Duration.ofMinutes(1));
        startConnected();
        run(
                task(1, "trap 'exit 5' TERM; touch ready; while :; do sleep 0.01; done"),
                task(2, "true").setCpus(2));
        Bench.await(() -> Files.exists(directory.resolve("ready")));
        kill(2);
        kill(1);
        awaitFinished(1);
        awaitFinished(2);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.KILLED);
        assertThat(daemon.end(name(1)).getExitCode()).isEqualTo(5);
        assertThat(daemon.end(name(2)).getCause()).isEqualTo(Cause.KILLED);
        assertThat(daemon.end(name(2)).getStartedEpochMillis()).isZero();
    }

    @Test
    void whatRunsBelowAShellHasTheGraceToo() throws Exception {
        daemon.killGrace(Duration.ofMinutes(1));
        startConnected();
        run(task(1, "(trap 'sleep 0.3; echo saved; exit' TERM; touch ready; while :; do sleep 0.01; done); true"));
        Bench.await(() -> Files.exists(directory.resolve("ready")));
        kill(1);
        awaitFinished(1);

        assertThat(directory.resolve("1.out")).hasContent("saved\n");
    }

    @Test
    void aJobThatIgnoresTermIsKilledAfterTheGrace() {
        startConnected();
        run(task(1, "trap '' TERM; touch ready; while :; do sleep 0.01; done"));
        Bench.await(() -> Files.exists(directory.resolve("ready")));
        kill(1);
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.KILLED);
        assertThat(daemon.end(name(1)).getSignal()).isEqualTo(9);
    }

    @Test
    void aJobEndsWithItsWalltime() {
        startConnected();
        run(task(1, "exec sleep 1000").setWalltimeSeconds(1));
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.WALLTIME);
        assertThat(daemon.end(name(1)).getSignal()).isEqualTo(15);
        assertThat(daemon.end(name(1)).getMessage()).isEqualTo("its walltime of 1 s was over");
    }

    @Test
    void aResultIsRepeatedUntilItIsAcknowledged() {
        daemon.acknowledges(false);
        startConnected();
        run(task(1, "true"));
        Bench.await(() -> daemon.reports(name(1)).size() >= 3);
        daemon.acknowledges(true);
        int before = daemon.reports(name(1)).size();
        long heartbeats = daemon.heartbeats();
        Bench.await(() -> daemon.heartbeats() >= heartbeats + 6);

        assertThat(daemon.reports(name(1))).hasSizeBetween(before + 1, before + 2);
    }

    @Test
    void aNewConnectionTellsAllThatIsHeldAndObeysTheWelcome() {
        daemon.acknowledges(false);
        startConnected();
        run(
                task(1, "true"),
                task(2, "exec sleep 1000"),
                task(3, "exec sleep 1000"),
                task(4, "true").setCpus(2));
        awaitFinished(1);
        awaitStarted(2);
        awaitStarted(3);
        daemon.welcome(Welcome.newBuilder()
                .addKill(name(2))
                .addKill(name(3))
                .addAcknowledged(name(1))
                .build());
        daemon.breakLine();
        awaitFinished(4);

        Hello hello = daemon.hellos().getLast();
        assertThat(hello.getNumber()).isEqualTo(2);
        assertThat(hello.getHeldList())
                .extracting(Held::getAttempt)
                .containsExactlyInAnyOrder(name(1), name(2), name(3), name(4));
        assertThat(hello.getHeldList())
                .extracting(Held::getStateCase)
                .containsExactlyInAnyOrder(
                        Held.StateCase.FINISHED,
                        Held.StateCase.STARTED,
                        Held.StateCase.STARTED,
                        Held.StateCase.WAITING);
        assertThat(daemon.end(name(2)).getCause()).isEqualTo(Cause.KILLED);
        assertThat(daemon.reports(name(1))).hasSizeLessThan(5);
    }

    @Test
    void aLostMessageIsNoticedByTheNext() {
        startConnected();
        daemon.lose();
        run(task(1, "true"));
        Bench.await(() -> daemon.hellos().size() == 2);

        assertThat(daemon.reports(name(1))).isEmpty();
        run(task(2, "true"));
        awaitFinished(2);
    }

    @Test
    void messagesOfAnotherSessionAreDropped() {
        startConnected();
        daemon.postStale(ToWorker.newBuilder().setShutdown(Shutdown.getDefaultInstance()));
        run(task(1, "true"));
        awaitFinished(1);

        assertThat(exit).isNotDone();
    }

    @Test
    void aSilentDaemonIsCalledAnew() {
        startConnected();
        daemon.answersHeartbeats(false);
        Bench.await(() -> daemon.hellos().size() == 2);
        daemon.answersHeartbeats(true);
        run(task(1, "true"));
        awaitFinished(1);
    }

    @Test
    void jobsGoOnAndAreReportedAfterAnOutage() {
        startConnected();
        run(task(1, "until [ -e go ]; do sleep 0.01; done"), task(2, "true"), task(3, "touch third"));
        awaitStarted(1);
        daemon.reachable(false);
        daemon.breakLine();
        touch("go");
        Bench.await(() -> Files.exists(directory.resolve("third")));
        daemon.reachable(true);
        Bench.await(() -> daemon.hellos().size() == 2);

        Bench.await(() -> daemon.finished(name(1))
                || !daemon.hellos().getLast().getHeldList().isEmpty());
    }

    @Test
    void whenTheLeaseIsOverEverythingIsKilledAtOnce() throws Exception {
        daemon.killGrace(Duration.ofMinutes(5)).lease(Duration.ofSeconds(1));
        startConnected();
        run(task(1, "trap '' TERM; touch ready; while :; do sleep 0.01; done"));
        Bench.await(() -> Files.exists(directory.resolve("ready")));
        daemon.reachable(false).answersHeartbeats(false);

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_FENCED);
        assertThat(directory.resolve("ready")).exists();
    }

    @Test
    void heartbeatsThatAreAcknowledgedProlongTheLease() throws Exception {
        daemon.lease(Duration.ofMillis(700));
        startConnected();
        run(task(1, "sleep 2"));
        awaitFinished(1);

        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.ENDED);
    }

    @Test
    void aWorkerThatWakesAfterItsLeaseStartsNothing() throws Exception {
        startConnected();
        run(task(1, "exec sleep 1000"), task(2, "exec sleep 1000"));
        awaitStarted(2);
        skippedNanos.set(Duration.ofHours(1).toNanos());
        run(task(3, "touch late"));

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_FENCED);
        assertThat(directory.resolve("late")).doesNotExist();
        assertThat(Bench.nothingRuns()).isTrue();
    }

    @Test
    void aWorkerThatIsFrozenWhileItStartsJobsStartsNoMore() throws Exception {
        startConnected();
        skippedAtStartNanos.set(Duration.ofHours(1).toNanos());
        run(task(1, "exec sleep 1000"), task(2, "touch late"));

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_FENCED);
        assertThat(directory.resolve("late")).doesNotExist();
        assertThat(directory.resolve("2.out")).doesNotExist();
    }

    @Test
    void aResultIsNotThrownAwayBecauseTheDaemonIsAwayWhenItLeaves() throws Exception {
        daemon.acknowledges(false);
        startConnected();
        run(task(1, "true"));
        awaitFinished(1);
        daemon.reachable(false).breakLine();
        Bench.await(() -> daemon.callsInVain() > 0);
        int before = daemon.callsInVain();
        agent.tellToLeave();
        Bench.await(() -> daemon.callsInVain() > before + 1);
        daemon.welcome(Welcome.newBuilder().addAcknowledged(name(1)).build());
        daemon.reachable(true);

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_LEFT);
        assertThat(daemon.hellos().getLast().getHeldList())
                .extracting(Held::getAttempt)
                .containsExactly(name(1));
        assertThat(daemon.heardGoodbye()).isTrue();
    }

    @Test
    void anEnvironmentThatWasForgottenIsAskedForByANewHello() {
        startConnected();
        run(task(1, "true"));
        awaitFinished(1);
        Run.Builder others = Run.newBuilder();
        for (int id = 2; id <= Session.ENVIRONMENTS_MAX + 1; id++) {
            others.addEnvironments(PLAIN.toBuilder().setId(id));
        }
        daemon.post(ToWorker.newBuilder().setRun(others));
        daemon.post(ToWorker.newBuilder().setRun(Run.newBuilder().addTasks(task(2, "true"))));
        Bench.await(() -> daemon.hellos().size() == 2);

        assertThat(daemon.hellos().getLast().getHeldList()).isEmpty();
        assertThat(daemon.reports(name(2))).isEmpty();
        run(task(2, "true"));
        awaitFinished(2);
        assertThat(daemon.end(name(2)).getCause()).isEqualTo(Cause.ENDED);
    }

    @Test
    void toldToEndItReportsAndSaysGoodbye() throws Exception {
        startConnected();
        run(task(1, "exec sleep 1000"), task(2, "true").setCpus(2));
        awaitStarted(1);
        agent.tellToLeave();

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_LEFT);
        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.WORKER_LEFT);
        assertThat(daemon.retracted(name(2))).isTrue();
        assertThat(daemon.heardGoodbye()).isTrue();
    }

    @Test
    void jobsThatDoNotListenHoldItUpForTwoSecondsAtMostWhenItsBlockEnds() throws Exception {
        daemon.killGrace(Duration.ofMinutes(1));
        startConnected();
        String deaf = "trap '' TERM; touch ready; while :; do sleep 0.01; done";
        run(task(1, deaf));
        Bench.await(() -> Files.exists(directory.resolve("ready")));
        daemon.post(ToWorker.newBuilder().setShutdown(Shutdown.getDefaultInstance()));
        long told = System.nanoTime();
        agent.tellToLeave();

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_LEFT);
        assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(Duration.ofSeconds(4));
        assertThat(daemon.heardGoodbye()).isTrue();
    }

    @Test
    void aShutdownIsTheSame() throws Exception {
        startConnected();
        run(task(1, "exec sleep 1000"));
        awaitStarted(1);
        daemon.post(ToWorker.newBuilder().setShutdown(Shutdown.getDefaultInstance()));

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_LEFT);
        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.WORKER_LEFT);
    }

    @Test
    void aDrainedWorkerLeavesWhenWhatRunsHasEnded() throws Exception {
        startConnected();
        run(task(1, "until [ -e go ]; do sleep 0.01; done"), task(2, "true").setCpus(2));
        awaitStarted(1);
        daemon.post(ToWorker.newBuilder().setDrain(Drain.getDefaultInstance()));
        run(task(3, "true"));
        Bench.await(() -> daemon.retracted(name(2)) && daemon.retracted(name(3)));
        assertThat(exit).isNotDone();
        touch("go");

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_LEFT);
        assertThat(daemon.end(name(1)).getCause()).isEqualTo(Cause.ENDED);
        assertThat(daemon.heardGoodbye()).isTrue();
    }

    @Test
    void aRefusalForGoodMakesItLeave() throws Exception {
        daemon.welcomes(false);
        startConnected();
        daemon.post(ToWorker.newBuilder().setRefused(Refused.newBuilder().setReason("no such block")));

        assertThat(exit.get(20, TimeUnit.SECONDS)).isEqualTo(Agent.EXIT_LEFT);
    }

    @Test
    void aRefusalForNowMakesItCallAgain() {
        daemon.welcomes(false);
        startConnected();
        daemon.welcomes(true);
        daemon.post(ToWorker.newBuilder()
                .setRefused(Refused.newBuilder().setReason("wait").setTryAgain(true)));
        Bench.await(() -> daemon.hellos().size() == 2);
        run(task(1, "true"));
        awaitFinished(1);
    }

    @Test
    void manyShortJobsAreReportedInFewerMessages() {
        startConnected();
        var tasks = new Task.Builder[300];
        for (int job = 0; job < tasks.length; job++) {
            tasks[job] = task(job, "true");
        }
        run(tasks);
        for (int job = 0; job < tasks.length; job++) {
            awaitFinished(job);
        }

        assertThat(daemon.messagesWithReports()).isLessThan(150);
    }
}
