package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.Finished.Cause;
import interchange.proto.worker.Prints;
import interchange.proto.worker.Report;
import interchange.proto.worker.Task;
import interchange.wire.UnreachableException;
import interchange.worker.files.Courier;
import interchange.worker.files.News;
import interchange.worker.process.Bench;
import interchange.worker.process.BootClock;
import interchange.worker.process.MemoryKills;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs whose worker is hurried away before what they printed is where it belongs. */
class HurriedLogsTest {
    @TempDir
    Path directory;

    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final BootClock clock = new BootClock();
    private final ConcurrentLinkedQueue<News> news = new ConcurrentLinkedQueue<>();
    private final Courier courier = new Courier(
            timeout -> {
                throw new UnreachableException("nobody there");
            },
            Bench.files(),
            "node",
            "place",
            Map.of());
    private final Bounds bounds = Bounds.of(new Place("token", 0, 0, 1, false, "node", 1, 1000, 600, false), clock);

    @AfterEach
    void close() {
        courier.close(false);
    }

    /** One whose job has ended, and whose output can't be packed. */
    private Jobs ended(Path packs) {
        courier.tell(news::add);
        courier.settings(directory.resolve("scratch").toString(), 100);
        Bench.endsGoTo(inbox::offer);
        var starter = new Starter(
                Bench.spawner(),
                Bench.warm(directory),
                new Agent.Identity("0.1.0", "incarnation", Map.of()),
                bounds.blockEnd());
        var jobs = new Jobs(
                starter::start,
                courier,
                Bench.reaper(),
                new Capacity(1, 1000),
                bounds,
                outbox,
                clock,
                MemoryKills.ofThisProcess(),
                false);
        jobs.accept(
                Task.newBuilder()
                        .setAttempt(AttemptName.newBuilder().setRun(1).setJob(1))
                        .setName("a")
                        .addAllArgv(List.of("/bin/sh", "-c", "echo out"))
                        .setDirectory("/")
                        .setCpus(1)
                        .setPrints(Prints.newBuilder().setPackDirectory(packs.toString()))
                        .build(),
                Optional.empty());
        Bench.await(() -> !news.isEmpty());
        jobs.onNews(news.remove());
        jobs.startNext();
        Bench.await(() -> !inbox.ended().isEmpty());
        jobs.onEnded(inbox.ended().remove());
        assertThat(jobs.runningCount()).isOne();

        return jobs;
    }

    private Optional<Finished> told() {
        return outbox.take(clock.bootNanos()).stream()
                .flatMap(message -> message.getReportsList().stream())
                .filter(Report::hasFinished)
                .map(Report::getFinished)
                .findFirst();
    }

    @Test
    void theEndOfAJobSaysThatWhatItPrintedMayNotBeInItsPack() throws IOException {
        Path obstacle = Files.writeString(directory.resolve("obstacle"), "no directory");
        Jobs jobs = ended(obstacle.resolve("packs"));

        jobs.killAll(Cause.WORKER_LEFT, 0);

        Finished end = told().orElseThrow();
        assertThat(end.getCause()).isEqualTo(Cause.ENDED);
        assertThat(end.getMessage()).isEqualTo("there was no time to pack the last that it printed: it may be lost");
    }

    /** A user cancels twice, or what has ended already: what was printed says why. */
    @Test
    void theCancelOfAJobThatHasEndedLeavesTimeForWhatItPrinted() throws IOException {
        Path obstacle = Files.writeString(directory.resolve("obstacle"), "no directory");
        Jobs jobs = ended(obstacle.resolve("packs"));

        jobs.kill(new AttemptId(1, 1, 0), Cause.KILLED, 0);

        assertThat(told()).isEmpty();
        assertThat(jobs.runningCount()).isOne();
        assertThat(jobs.nextTimerNanos() - clock.bootNanos()).isLessThan(TimeUnit.SECONDS.toNanos(31));
        Files.delete(obstacle);
        Bench.await(() -> !news.isEmpty());
        jobs.onNews(news.remove());
        assertThat(told().orElseThrow().getMessage()).isEmpty();
        assertThat(jobs.runningCount()).isZero();
    }
}
