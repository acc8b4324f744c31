package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Limits.EnforceMemory;
import interchange.proto.worker.Report;
import interchange.proto.worker.Task;
import interchange.worker.process.Affinity;
import interchange.worker.process.Bench;
import interchange.worker.process.Clock;
import interchange.worker.process.Environment;
import interchange.worker.process.JobProcess;
import interchange.worker.process.MemoryKills;
import interchange.worker.process.MemoryLook;
import interchange.worker.process.NotStartedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jobs are held to, in virtual time with real processes; what they have in memory is said by the test. */
class BoundsTest {
    private static final long MIB = 1024;
    private static final List<BitSet> CORES = Affinity.cores(Affinity.ofThisThread());
    private static final long BLOCK_SECONDS = 600;
    private static final MemoryLook PLENTY = new MemoryLook(8_000 * MIB, 16_000 * MIB);
    private static final MemoryLook SHORT = new MemoryLook(100 * MIB, 16_000 * MIB);
    private static final Map<String, String> WANTS =
            Map.of("PATH", "/usr/bin:/bin", "INTERCHANGE_TERM_BEFORE_END", "1");

    @TempDir
    static Path claims;

    @TempDir
    Path directory;

    private long nowNanos = TimeUnit.HOURS.toNanos(1);
    private final Clock clock = new Clock() {
        @Override
        public long bootNanos() {
            return nowNanos;
        }

        @Override
        public long epochMillis() {
            return TimeUnit.NANOSECONDS.toMillis(nowNanos);
        }
    };
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final BlockEnd blockEnd = new BlockEnd(BLOCK_SECONDS, clock);
    private final Pinning pinning =
            new Pinning(CORES.size(), Affinity.ofThisThread(), CORES, new CoreClaims(claims.resolve("cores")));
    private final Bounds bounds = new Bounds(new MemoryRule(clock), pinning, new LastCall(blockEnd), blockEnd);
    private final Starter starter = new Starter(
            Bench.spawner(), Bench.warm(Path.of("/tmp")), new Agent.Identity("0.1.0", "bounds", Map.of()), blockEnd);
    private final Map<Integer, JobProcess> processes = new HashMap<>();
    private final Jobs jobs = new Jobs(
            this::start,
            Bench.courier(),
            Bench.reaper(),
            new Capacity(8, 1_000_000),
            bounds,
            outbox,
            clock,
            MemoryKills.ofThisProcess(),
            true);
    private final List<Report> reports = new ArrayList<>();

    private JobProcess start(Attempt attempt) throws NotStartedException {
        JobProcess process = starter.start(attempt);
        processes.put(attempt.id().job(), process);
        return process;
    }

    private void settle(EnforceMemory memory, boolean pin) {
        bounds.settle(new Limits(memory, 10, pin, TimeUnit.SECONDS.toNanos(100)));
    }

    private void start(int job, long memoryMiB, String command, Map<String, String> environment) {
        start(job, memoryMiB, 0, command, environment);
    }

    private void start(int job, long memoryMiB, long walltimeSeconds, String command, Map<String, String> environment) {
        Bench.endsGoTo(inbox::offer);
        jobs.accept(
                Task.newBuilder()
                        .setAttempt(AttemptName.newBuilder().setRun(1).setJob(job))
                        .addAllArgv(List.of("/bin/bash", "-c", command))
                        .setDirectory(directory.toString())
                        .setStdout(directory.resolve(job + ".out").toString())
                        .setCpus(1)
                        .setMemoryMib(memoryMiB)
                        .setWalltimeSeconds(walltimeSeconds)
                        .build(),
                Optional.of(new Environment(environment)));
        jobs.startNext();
    }

    private void sleeping(int job, long askedMiB, long hasMiB) {
        start(job, askedMiB, "exec sleep 1000", Map.of("PATH", "/usr/bin:/bin"));
        has(job, hasMiB);
    }

    private void has(int job, long mib) {
        Bench.seen(Optional.ofNullable(processes.get(job)).orElseThrow(), mib * MIB);
    }

    private Finished end(int job) {
        Bench.await(() -> {
            while (!inbox.ended().isEmpty()) {
                jobs.onEnded(inbox.ended().remove());
            }
            outbox.take(nowNanos).forEach(message -> reports.addAll(message.getReportsList()));
            return reports.stream().anyMatch(report -> isEnd(report, job));
        });
        return reports.stream()
                .filter(report -> isEnd(report, job))
                .findFirst()
                .orElseThrow()
                .getFinished();
    }

    private static boolean isEnd(Report report, int job) {
        return report.hasFinished() && report.getAttempt().getJob() == job;
    }

    private String out(int job) throws IOException {
        return Files.readString(directory.resolve(job + ".out"));
    }

    @AfterEach
    void endAll() {
        jobs.killAll(Cause.KILLED, 0);
        Bench.await(Bench::nothingRuns);
        pinning.turn(false);
    }

    @Test
    void whoIsOverItsRequestGoesOnWhileThereIsMemory() {
        settle(EnforceMemory.OBSERVE, false);
        sleeping(1, 100, 5_000);
        jobs.onMemory(PLENTY);

        assertThat(Bench.nothingRuns()).isFalse();
        jobs.onMemory(SHORT);
        assertThat(end(1).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
    }

    @Test
    void theFurthestOverItsRequestGoesFirstAndTheNextWhenThatWasNotEnough() {
        settle(EnforceMemory.OBSERVE, false);
        sleeping(1, 100, 1_000);
        sleeping(2, 4_000, 6_000);
        sleeping(3, 8_000, 7_900);
        jobs.onMemory(SHORT);
        jobs.onMemory(SHORT);

        assertThat(end(2).getMessage())
                .isEqualTo("the node had only 100 of 16000 MiB left, and this job was the furthest over its request: it"
                        + " took 6000 MiB and asked for 4000 MiB; ask for more (requestMemory), or for more at each try"
                        + " (memoryMultiplier)");
        assertThat(end(2).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        assertThat(jobs.runningCount()).as("one at a time").isEqualTo(2);
        jobs.onMemory(SHORT);
        assertThat(end(1).getSignal()).isEqualTo(9);
        jobs.onMemory(SHORT);
        assertThat(jobs.runningCount()).as("it takes what it asked for").isEqualTo(1);
    }

    @Test
    void whoAskedForNothingHasARightToNothing() {
        settle(EnforceMemory.OBSERVE, false);
        sleeping(1, 0, 3_000);
        sleeping(2, 1_000, 2_000);
        jobs.onMemory(SHORT);

        assertThat(end(1).getMessage()).contains("it took 3000 MiB and asked for none");
    }

    @Test
    void whereMemoryIsEnforcedTheMarginIsTheEnd() {
        settle(EnforceMemory.ON, false);
        sleeping(1, 1_000, 1_090);
        sleeping(2, 1_000, 1_110);
        sleeping(3, 0, 8_000);
        jobs.onMemory(PLENTY);

        assertThat(end(2).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        assertThat(end(2).getMessage())
                .isEqualTo("it took 1110 MiB and asked for 1000 MiB, of which the site lets it take 110 %"
                        + " (enforceMemory, memoryMargin): ask for more (requestMemory), or for more at each try"
                        + " (memoryMultiplier)");
        assertThat(jobs.runningCount()).isEqualTo(2);
    }

    @Test
    void whereItIsOffNothingIsEnded() {
        settle(EnforceMemory.OFF, false);
        sleeping(1, 100, 5_000);
        jobs.onMemory(SHORT);

        assertThat(jobs.runningCount()).isEqualTo(1);
    }

    @Test
    void whoAskedForItIsToldBeforeItsBlockEnds() throws IOException {
        settle(EnforceMemory.OFF, false);
        String waits = "echo ready; while :; do sleep 0.01; done";
        start(1, 0, "trap 'echo saved; exit 0' TERM; " + waits, WANTS);
        start(2, 0, "trap 'exit 4' TERM; " + waits, WANTS);
        start(3, 0, "trap 'echo told' TERM; " + waits, Map.of("PATH", "/usr/bin:/bin"));
        start(4, 0, "trap '' TERM; " + waits, WANTS);
        for (int job = 1; job <= 4; job++) {
            Path file = directory.resolve(job + ".out");
            Bench.await(() -> file.toFile().length() > 0);
        }
        pass(BLOCK_SECONDS - 101);
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(1));
        pass(1);

        assertThat(end(1).getCause()).isEqualTo(Cause.ENDED);
        assertThat(out(1)).endsWith("saved\n");
        assertThat(end(2).getCause()).isEqualTo(Cause.WORKER_LEFT);
        assertThat(end(2).getMessage()).isEqualTo("it was told that its block was about to end");
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(90));
        pass(90);
        assertThat(end(4).getCause()).isEqualTo(Cause.WORKER_LEFT);
        assertThat(end(4).getSignal()).isEqualTo(9);
        assertThat(out(3)).isEqualTo("ready\n");
        assertThat(jobs.runningCount()).isEqualTo(1);
    }

    /** Starts a job that is told, says so and goes on. */
    private void callLast(int job, long walltimeSeconds) throws IOException {
        start(
                job,
                1_000,
                walltimeSeconds,
                "trap 'echo told' TERM; echo ready; while :; do sleep 0.01; : > turn; done",
                WANTS);
        awaitOut(job, "ready\n");
        pass(BLOCK_SECONDS - 100);
        awaitOut(job, "ready\ntold\n");
    }

    /** So that a trap has run, if one was to. */
    private void awaitTurns() throws IOException {
        Path turn = directory.resolve("turn");
        for (int i = 0; i < 2; i++) {
            Files.deleteIfExists(turn);
            Bench.await(() -> Files.exists(turn));
        }
    }

    private void awaitOut(int job, String text) {
        Bench.await(() -> {
            try {
                return directory.resolve(job + ".out").toFile().exists() && out(job).equals(text);
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void whoWasToldMayNotTakeTooMuchMemoryMeanwhile() throws IOException {
        settle(EnforceMemory.ON, false);
        callLast(1, 0);
        has(1, 5_000);
        jobs.onMemory(PLENTY);

        assertThat(end(1).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        assertThat(end(1).getMessage()).startsWith("it took 5000 MiB and asked for 1000 MiB");
        assertThat(end(1).getSignal()).isEqualTo(9);
    }

    @Test
    void whoWasToldMayNotRunLongerThanItsWalltime() throws IOException {
        settle(EnforceMemory.OFF, false);
        callLast(1, BLOCK_SECONDS - 60);
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(40));
        pass(40);
        assertThat(jobs.nextTimerNanos()).as("its grace").isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(30));
        awaitTurns();
        pass(30);

        assertThat(end(1).getCause()).isEqualTo(Cause.WALLTIME);
        assertThat(end(1).getMessage()).isEqualTo("its walltime of 9 min was over");
        assertThat(out(1)).as("no second TERM").isEqualTo("ready\ntold\n");
    }

    @Test
    void theGraceOfAWalltimeDoesNotGoBeyondThatOfTheBlock() throws IOException {
        settle(EnforceMemory.OFF, false);
        callLast(1, BLOCK_SECONDS - 20);
        pass(80);
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(10));
        pass(10);

        assertThat(end(1).getCause()).isEqualTo(Cause.WALLTIME);
    }

    @Test
    void whatTakesTooMuchMemoryInItsGraceHasNoMoreOfIt() throws IOException {
        settle(EnforceMemory.ON, false);
        start(1, 1_000, 60, "trap '' TERM; echo ready; while :; do sleep 0.01; done", Map.of("PATH", "/usr/bin:/bin"));
        awaitOut(1, "ready\n");
        pass(60);
        has(1, 5_000);
        jobs.onMemory(PLENTY);

        assertThat(end(1).getSignal()).isEqualTo(9);
        assertThat(end(1).getCause()).as("the first").isEqualTo(Cause.WALLTIME);
    }

    /** It is done between the look at its memory and the KILL. */
    @Test
    void whatEndsWellBeforeItIsKilledForItsMemoryHasEndedWell() {
        settle(EnforceMemory.ON, false);
        start(1, 1_000, "exit 0", Map.of("PATH", "/usr/bin:/bin"));
        start(2, 1_000, "exit 3", Map.of("PATH", "/usr/bin:/bin"));
        Bench.await(() -> inbox.ended().size() == 2);
        has(1, 5_000);
        has(2, 5_000);
        jobs.onMemory(PLENTY);

        assertThat(end(1).getCause()).isEqualTo(Cause.ENDED);
        assertThat(end(1).getMessage()).isEmpty();
        assertThat(end(2).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
    }

    private void pass(long seconds) {
        nowNanos += TimeUnit.SECONDS.toNanos(seconds);
        jobs.fireTimers(nowNanos, TimeUnit.SECONDS.toNanos(30));
        jobs.terminate();
    }

    @Test
    void aJobKnowsItsThreadsAndTheEndOfItsBlock() throws IOException {
        pass(200);
        start(1, 0, "exec env", Map.of("PATH", "/usr/bin:/bin", "MKL_NUM_THREADS", "7"));
        end(1);

        assertThat(out(1).lines())
                .contains(
                        "OMP_NUM_THREADS=1",
                        "OPENBLAS_NUM_THREADS=1",
                        "MKL_NUM_THREADS=7",
                        "INTERCHANGE_BLOCK_ENDS=" + (3600 + BLOCK_SECONDS),
                        "INTERCHANGE_REMAINING_SECONDS=" + (BLOCK_SECONDS - 200));
    }

    @Test
    void whoeverSaysHowManyThreadsIsBelieved() throws IOException {
        start(1, 0, "exec env", Map.of("PATH", "/usr/bin:/bin", "OMP_NUM_THREADS", "7"));
        end(1);

        assertThat(out(1).lines().filter(line -> line.contains("_NUM_THREADS"))).containsExactly("OMP_NUM_THREADS=7");
    }

    @Test
    void aPinnedJobHasCoresOfItsOwnUntilItsEnd() throws IOException {
        settle(EnforceMemory.OFF, true);
        String says = "grep Cpus_allowed_list /proc/self/status; exec sleep 1000";
        int units = CORES.size();
        for (int job = 0; job < units; job++) {
            start(job, 0, says, Map.of("PATH", "/usr/bin:/bin"));
        }
        var seen = new ArrayList<String>();
        for (int job = 0; job < units; job++) {
            Path file = directory.resolve(job + ".out");
            Bench.await(() -> file.toFile().length() > 0);
            seen.add(out(job));
        }
        assertThat(seen).doesNotHaveDuplicates();

        jobs.kill(new AttemptId(1, 0, 0), Cause.KILLED, 0);
        end(0);
        start(units, 0, says, Map.of("PATH", "/usr/bin:/bin"));
        Path again = directory.resolve(units + ".out");
        Bench.await(() -> again.toFile().length() > 0);
        assertThat(out(units)).isEqualTo(seen.getFirst());
        assertThat(Affinity.ofThisThread()).isEqualTo(union(CORES));
    }

    @Test
    void whereAnotherWorkerPinsToOneOfTheSameCoresThisOneDoesNotUntilThatHasEnded() throws IOException {
        int processor = Affinity.ofThisThread().nextSetBit(0);
        Path claim = claims.resolve("cores/" + processor);
        settle(EnforceMemory.OFF, true);
        settle(EnforceMemory.OFF, false);
        start(
                1,
                0,
                "exec python3 -c 'import fcntl, time; file = open(\"" + claim
                        + "\", \"w\"); fcntl.lockf(file, fcntl.LOCK_EX);"
                        + " print(\"claimed\", flush=True); time.sleep(1000)'",
                Map.of("PATH", "/usr/bin:/bin"));
        awaitOut(1, "claimed\n");
        String says = "grep Cpus_allowed_list /proc/self/status";

        settle(EnforceMemory.OFF, true);
        start(2, 0, says, Map.of("PATH", "/usr/bin:/bin"));
        end(2);
        jobs.kill(new AttemptId(1, 1, 0), Cause.KILLED, 0);
        end(1);
        settle(EnforceMemory.OFF, true);
        start(3, 0, says, Map.of("PATH", "/usr/bin:/bin"));
        end(3);

        assertThat(processors(out(2))).isEqualTo(union(CORES));
        assertThat(processors(out(3))).isEqualTo(CORES.getFirst());
    }

    /** Of a line such as "Cpus_allowed_list: 0-3,8". */
    private static BitSet processors(String line) {
        var all = new BitSet();
        for (String range : line.substring(line.indexOf(':') + 1).strip().split(",")) {
            List<String> ends = List.of(range.split("-"));
            all.set(Integer.parseInt(ends.getFirst()), Integer.parseInt(ends.getLast()) + 1);
        }
        return all;
    }

    @Test
    void aClaimInAPlaceOfAnotherUserIsNone() {
        assertThat(new CoreClaims(Path.of("/proc/1")).take(Affinity.ofThisThread()))
                .hasValueSatisfying(why -> assertThat(why).contains("can't be told"));
    }

    private static BitSet union(List<BitSet> units) {
        var all = new BitSet();
        units.forEach(all::or);
        return all;
    }
}
