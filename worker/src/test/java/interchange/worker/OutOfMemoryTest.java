package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Report;
import interchange.proto.worker.Task;
import interchange.worker.process.Bench;
import interchange.worker.process.Clock;
import interchange.worker.process.Ended;
import interchange.worker.process.MemoryKills;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes; what the kernel has counted is the test's to say, but in the last test. */
class OutOfMemoryTest {
    private static final String KILLED = "kill -KILL $$";

    @TempDir
    Path directory;

    private long counted = 5;
    private boolean onlyOurs = true;
    private MemoryKills kills = new MemoryKills() {
        @Override
        public OptionalLong count() {
            return OptionalLong.of(counted);
        }

        @Override
        public boolean onlyOurs() {
            return onlyOurs;
        }
    };
    private long nowNanos = TimeUnit.HOURS.toNanos(1);
    private final Bounds bounds =
            Bounds.of(new Place("token", 0, 0, 1, false, "node", 4, 4_000_000, -1, false), new StandingClock());
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final Starter starter = new Starter(
            Bench.spawner(),
            Bench.warm(Path.of("/tmp")),
            new Agent.Identity("0.1.0", "memory", Map.of()),
            bounds.blockEnd());
    private Optional<Jobs> made = Optional.empty();

    private final class StandingClock implements Clock {
        @Override
        public long bootNanos() {
            return nowNanos;
        }

        @Override
        public long epochMillis() {
            return TimeUnit.NANOSECONDS.toMillis(nowNanos);
        }
    }

    private Jobs jobs() {
        if (made.isEmpty()) {
            made = Optional.of(new Jobs(
                    starter::start,
                    Bench.courier(),
                    Bench.reaper(),
                    new Capacity(4, 4_000_000),
                    bounds,
                    outbox,
                    new StandingClock(),
                    kills,
                    false));
        }
        return made.get();
    }

    private void start(int job, String command) {
        Bench.endsGoTo(inbox::offer);
        jobs().accept(
                        Task.newBuilder()
                                .setAttempt(AttemptName.newBuilder().setRun(1).setJob(job))
                                .addAllArgv(List.of("/bin/sh", "-c", command))
                                .setDirectory(directory.toString())
                                .setCpus(1)
                                .setMemoryMib(700)
                                .build(),
                        Optional.empty());
        jobs().startNext();
    }

    /** What is told of the job that ends next, with so many kills that the kernel has counted meanwhile. */
    private Finished endsWith(long more) {
        Bench.await(() -> !inbox.ended().isEmpty());
        Ended end = inbox.ended().remove();
        counted += more;
        jobs().onEnded(end);
        return outbox.take(nowNanos).stream()
                .flatMap(message -> message.getReportsList().stream())
                .filter(Report::hasFinished)
                .map(Report::getFinished)
                .reduce((first, last) -> last)
                .orElseThrow();
    }

    @Test
    void aJobThatTheKernelKilledForMemorySaysSoWithTheNumbers() {
        start(1, KILLED);
        Finished end = endsWith(1);

        assertThat(end.getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        assertThat(end.getSignal()).isEqualTo(9);
        assertThat(end.getMessage())
                .startsWith("the kernel killed it, or a process of it, for want of memory: it was")
                .endsWith("and asked for 700 MiB");
    }

    @Test
    void aShellThatLostItsChildIsSuchAJob() {
        start(1, "sh -c 'kill -KILL $$'; exit $?");
        Finished end = endsWith(1);

        assertThat(end.getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        assertThat(end.getExitCode()).isEqualTo(137);
    }

    @Test
    void whatTheKernelKilledBesideTheJobsIsPutDownToNone() {
        start(1, KILLED);
        counted++;
        jobs().onKilledBeside();
        assertThat(endsWith(0).getCause()).isEqualTo(Cause.ENDED);
    }

    @Test
    void withoutEvidenceAKilledJobHasFailed() {
        start(1, KILLED);
        assertThat(endsWith(0).getCause()).isEqualTo(Cause.ENDED);
    }

    @Test
    void whatWasKilledBeforeAJobStartedIsNoEvidence() {
        start(1, "exit 3");
        counted++;
        nowNanos += TimeUnit.SECONDS.toNanos(2);
        start(2, "while [ ! -e go ]; do sleep 0.01; done; " + KILLED);
        nowNanos++;
        Finished first = endsWith(0);
        assertThat(first.getCause()).isEqualTo(Cause.ENDED);
        goOn();
        // That kill was seen before the second job started.
        assertThat(endsWith(0).getCause()).isEqualTo(Cause.ENDED);
    }

    private void goOn() {
        try {
            Files.createFile(directory.resolve("go"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void oneKillIsPutDownToOneJobAndToThatWhichWasKilled() {
        String wait = "while [ ! -e go ]; do sleep 0.01; done; ";
        start(1, "exit 1");
        start(2, wait + KILLED);
        Finished first = endsWith(1);
        assertThat(first.getCause()).as("it may have failed by itself").isEqualTo(Cause.ENDED);
        goOn();
        assertThat(endsWith(0).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        start(3, KILLED);
        assertThat(endsWith(0).getCause()).isEqualTo(Cause.ENDED);
    }

    @Test
    void aProgramThatLostAProcessAndFailsInItsOwnWayIsTakenForItWhenNoOtherRan() {
        start(1, "exit 1");
        assertThat(endsWith(1).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
        start(2, "true");
        assertThat(endsWith(1).getCause()).isEqualTo(Cause.ENDED);
    }

    @Test
    void killsOfAWholeNodeAreEvidenceAgainstItsLargestJobAlone() {
        onlyOurs = false;
        start(1, "exit 1");
        assertThat(endsWith(1).getCause()).isEqualTo(Cause.ENDED);
        start(2, KILLED);
        assertThat(endsWith(1).getCause()).isEqualTo(Cause.OUT_OF_MEMORY);
    }

    @Test
    void whatWeHaveKilledOurselvesDidNotRunOutOfMemory() {
        start(1, "exec sleep 1000");
        jobs().kill(new AttemptId(1, 1, 0), Cause.KILLED, 0);
        assertThat(endsWith(1).getCause()).isEqualTo(Cause.KILLED);
    }

    @Test
    void theKernelsOwnKillIsSeenInACgroupWithALimit() throws Exception {
        Path cgroup = Files.isDirectory(Path.of("/sys/fs/cgroup/memory"))
                ? Path.of("/sys/fs/cgroup/memory")
                : Path.of("/sys/fs/cgroup");
        Path small = cgroup.resolve("interchange-test-" + UUID.randomUUID());
        boolean first = Files.exists(cgroup.resolve("memory.oom_control")) || cgroup.endsWith("memory");
        try {
            Files.createDirectory(small);
        } catch (IOException e) {
            Assumptions.abort("no memory cgroup can be made here: " + e);
        }
        try {
            Path limit = small.resolve(first ? "memory.limit_in_bytes" : "memory.max");
            Assumptions.assumeTrue(Files.exists(limit), "cgroups here have no memory controller");
            Files.writeString(limit, Long.toString(32L << 20));
            Path swap = small.resolve("memory.swap.max");
            if (Files.exists(swap)) {
                Files.writeString(swap, "0");
            }
            var file = new MemoryKills.KillsFile(small.resolve(first ? "memory.oom_control" : "memory.events"), true);
            Assumptions.assumeTrue(file.count().isPresent(), "this kernel does not count what it kills");
            kills = file;
            start(1, "echo $$ > " + small.resolve("cgroup.procs") + " && exec tail /dev/zero");
            Finished end = endsWith(0);
            assertThat(List.of(end.getCause(), end.getSignal())).containsExactly(Cause.OUT_OF_MEMORY, 9);
        } finally {
            Bench.await(() -> small.toFile().delete());
        }
    }
}
