package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Report;
import interchange.proto.worker.Task;
import interchange.worker.process.Bench;
import interchange.worker.process.Clock;
import interchange.worker.process.JobProcess;
import interchange.worker.process.MemoryKills;
import interchange.worker.process.NodeTroubleException;
import interchange.worker.process.NotStartedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In virtual time; the processes that do start are real. */
class JobsTest {
    private static final MemoryKills NONE = new MemoryKills() {
        @Override
        public OptionalLong count() {
            return OptionalLong.empty();
        }

        @Override
        public boolean onlyOurs() {
            return true;
        }
    };

    private static final long BLOCK_SECONDS = 600;

    private long nowNanos = TimeUnit.HOURS.toNanos(1);
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final Clock clock = new StandingClock();
    private final Bounds bounds =
            Bounds.of(new Place("token", 0, 0, 1, false, "node", 1, 1000, BLOCK_SECONDS, true), clock);
    private final Starter real = new Starter(
            Bench.spawner(),
            Bench.warm(Path.of("/tmp")),
            new Agent.Identity("0.1.0", "jobs", Map.of()),
            bounds.blockEnd());
    private final List<AttemptId> tried = new ArrayList<>();
    private final Jobs jobs = new Jobs(
            this::start, Bench.courier(), Bench.reaper(), new Capacity(1, 1000), bounds, outbox, clock, NONE, true);
    private Exception trouble = new NotStartedException("unset");
    private boolean troubled;

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

    private JobProcess start(Attempt attempt) throws NotStartedException {
        tried.add(attempt.id());
        if (troubled && trouble instanceof NotStartedException e) {
            throw e;
        } else if (troubled && trouble instanceof RuntimeException e) {
            throw e;
        }
        return real.start(attempt);
    }

    private void startsFailWith(Exception with) {
        trouble = with;
        troubled = true;
    }

    private void accept(int job) {
        accept(job, "true");
    }

    private void accept(int job, String command) {
        accept(job, command, 0);
    }

    private void accept(int job, String command, long walltimeSeconds) {
        Bench.endsGoTo(inbox::offer);
        jobs.accept(
                Task.newBuilder()
                        .setAttempt(AttemptName.newBuilder().setRun(1).setJob(job))
                        .addAllArgv(List.of("/bin/sh", "-c", command))
                        .setDirectory("/")
                        .setCpus(1)
                        .setWalltimeSeconds(walltimeSeconds)
                        .build(),
                Optional.empty());
    }

    private void startWhatFits() {
        while (jobs.canStartNext()) {
            jobs.startNext();
        }
    }

    private void pass(long seconds) {
        nowNanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    private List<Report> reports() {
        return outbox.take(nowNanos).stream()
                .flatMap(message -> message.getReportsList().stream())
                .toList();
    }

    private void awaitEnd() {
        Bench.await(() -> !inbox.ended().isEmpty());
        jobs.onEnded(inbox.ended().remove());
    }

    @Test
    void whatTheNodeLacksIsWaitedForInOrder() {
        startsFailWith(new NodeTroubleException("can't run true: Resource temporarily unavailable"));
        accept(1);
        accept(2);
        startWhatFits();

        assertThat(tried).containsExactly(new AttemptId(1, 1, 0));
        assertThat(reports()).isEmpty();
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(1));
        startWhatFits();
        assertThat(tried).hasSize(1);

        pass(1);
        troubled = false;
        startWhatFits();
        awaitEnd();
        startWhatFits();
        awaitEnd();

        assertThat(tried).containsExactly(new AttemptId(1, 1, 0), new AttemptId(1, 1, 0), new AttemptId(1, 2, 0));
        assertThat(reports())
                .extracting(report -> report.getFinished().getCause())
                .containsOnly(Cause.ENDED);
    }

    @Test
    void whatTheNodeLacksForLongIsNoFailureOfTheJob() {
        startsFailWith(new NodeTroubleException("can't write /full/out: No space left on device"));
        accept(1);
        accept(2);
        for (int second = 0; second <= 60; second++) {
            startWhatFits();
            pass(1);
        }

        List<Report> told = reports();
        assertThat(told).hasSize(2);
        assertThat(told.getFirst().getFinished().getCause()).isEqualTo(Cause.WORKER_LEFT);
        assertThat(told.getFirst().getFinished().getMessage()).contains("No space left");
        assertThat(told.getLast().getAttempt().getJob()).isEqualTo(2);
        assertThat(told.getLast().hasRetracted()).isTrue();
    }

    /** LSF's INT or USR2 at a block's end reaches the jobs before us; some of them have words for it. */
    @Test
    void whatFailsJustBeforeTheBlockEndsWasEndedByThat() {
        for (String command : List.of("kill -s USR2 $$", "exit 1")) {
            accept(tried.size() + 1, command);
            startWhatFits();
            awaitEnd();
            assertThat(reports()).noneMatch(Report::hasFinished);
            assertThat(jobs.runningCount()).isEqualTo(1);

            jobs.killAll(Cause.WORKER_LEFT, 0);

            assertThat(reports())
                    .extracting(report -> report.getFinished().getCause())
                    .containsExactly(Cause.WORKER_LEFT);
            assertThat(jobs.runningCount()).isZero();
        }
    }

    @Test
    void whatFailsByItselfIsToldASecondLaterAndWhatDoesWellAtOnce() {
        accept(1, "exit 3");
        startWhatFits();
        awaitEnd();
        accept(2);
        startWhatFits();
        awaitEnd();
        assertThat(reports().stream().filter(Report::hasFinished))
                .extracting(report -> report.getAttempt().getJob())
                .containsExactly(2);

        pass(1);
        jobs.fireTimers(nowNanos, 0);

        assertThat(reports())
                .extracting(
                        report -> report.getFinished().getCause(),
                        report -> report.getFinished().getExitCode())
                .containsExactly(tuple(Cause.ENDED, 3));
    }

    @Test
    void whatWasAskedToEndByOthersIsToldSoMuchLaterThatWeAreToldFirst() {
        for (String command : List.of("kill -s INT $$", "exit 143")) {
            accept(tried.size() + 1, command);
            startWhatFits();
            awaitEnd();
            pass(9);
            jobs.fireTimers(nowNanos, 0);
            assertThat(reports()).noneMatch(Report::hasFinished);
            pass(1);
            jobs.fireTimers(nowNanos, 0);
            assertThat(reports())
                    .extracting(report -> report.getFinished().getCause())
                    .containsExactly(Cause.ENDED);
        }
    }

    @Test
    void whatBreaksAtAStartIsThatJobsAlone() {
        startsFailWith(new InvalidPathException("\u00e9", "Malformed input"));
        accept(1);
        startWhatFits();

        List<Report> told = reports();
        assertThat(told).hasSize(1);
        assertThat(told.getFirst().getFinished().getCause()).isEqualTo(Cause.NOT_STARTED);
        assertThat(told.getFirst().getFinished().getMessage()).contains("Malformed input");
    }

    @Test
    void whatIgnoresTheEndOfItsWalltimeIsKilledAfterTheGrace(@TempDir Path directory) {
        Path ready = directory.resolve("ready");
        accept(1, "trap '' TERM; touch " + ready + "; while :; do sleep 0.01; done", 120);
        startWhatFits();
        Bench.await(() -> Files.exists(ready));
        pass(119);
        jobs.fireTimers(nowNanos, TimeUnit.SECONDS.toNanos(10));
        jobs.terminate();
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(1));
        pass(1);
        jobs.fireTimers(nowNanos, TimeUnit.SECONDS.toNanos(10));
        jobs.terminate();
        assertThat(jobs.nextTimerNanos()).isEqualTo(nowNanos + TimeUnit.SECONDS.toNanos(10));
        assertThat(Bench.nothingRuns()).isFalse();
        pass(10);
        jobs.fireTimers(nowNanos, TimeUnit.SECONDS.toNanos(10));
        awaitEnd();

        assertThat(reports().stream().filter(Report::hasFinished).map(Report::getFinished))
                .extracting(Finished::getCause, Finished::getSignal, Finished::getMessage)
                .containsExactly(tuple(Cause.WALLTIME, 9, "its walltime of 2 min was over"));
    }

    @Test
    void whatEarlierAttemptsWroteStaysUnderTheirNumbersAlsoThroughRestarts(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("logs/a.stdout");
        // 2 and 3 were lost before they started; 4 comes after a restart of the run.
        for (int number : new int[] {0, 1, 4, 5}) {
            Bench.endsGoTo(inbox::offer);
            jobs.accept(
                    Task.newBuilder()
                            .setAttempt(
                                    AttemptName.newBuilder().setRun(1).setJob(1).setNumber(number))
                            .addAllArgv(List.of("/bin/sh", "-c", "echo attempt " + number))
                            .setDirectory("/")
                            .setStdout(log.toString())
                            .setCpus(1)
                            .build(),
                    Optional.empty());
            startWhatFits();
            awaitEnd();
        }

        assertThat(log).hasContent("attempt 5\n");
        assertThat(Path.of(log + ".0")).hasContent("attempt 0\n");
        assertThat(Path.of(log + ".3")).hasContent("attempt 1\n");
        assertThat(Path.of(log + ".4")).hasContent("attempt 4\n");
        try (Stream<Path> all = Files.list(directory.resolve("logs"))) {
            assertThat(all).hasSize(4);
        }
    }
}
