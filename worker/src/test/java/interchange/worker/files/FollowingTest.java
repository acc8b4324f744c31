package interchange.worker.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.files.ToFiles;
import interchange.proto.worker.AttemptName;
import interchange.worker.process.Bench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In virtual time. */
class FollowingTest implements Desk {
    private static final Order ORDER =
            new Order(AttemptName.newBuilder().setRun(1).setJob(1).build(), List.of(), true);
    private static final int MESSAGES = 8;

    private final FakeFiles daemon = new FakeFiles();
    private final Talks talks = new Talks(daemon, Patience.standard());
    private final Following following = new Following(this);
    private final Store store;
    private final Folder folder;

    FollowingTest(@TempDir Path directory) throws IOException {
        Scratch scratch = Scratch.open(directory, "node", "place", Bench.files());
        store = new Store(scratch, new Cache(scratch.cache(), 0), Bench.files());
        folder = store.make(ORDER);
        Files.writeString(folder.stdout(), "");
    }

    @AfterEach
    void close() {
        talks.close();
        store.scratch().leave();
    }

    private long offers() {
        return daemon.heard.stream().filter(ToFiles::hasOffer).count();
    }

    /** A job that prints each second; returns how often it was offered. */
    private long run(int fromSecond, int toSecond) throws IOException {
        long before = offers();
        for (int second = fromSecond; second < toSecond; second++) {
            Files.writeString(folder.stdout(), "x", StandardOpenOption.APPEND);
            following.tick(TimeUnit.SECONDS.toNanos(second));
            for (int i = 0; i < MESSAGES; i++) {
                talks.turn(Duration.ZERO);
            }
        }
        return offers() - before;
    }

    @Test
    void theLongerAJobRunsTheMoreSeldomWhatItPrintsIsOffered() throws IOException {
        following.begin(ORDER, 0);
        assertThat(run(0, 11)).isEqualTo(10);
        assertThat(run(11, 300)).isBetween(20L, 60L);
        assertThat(run(300, 600)).isEqualTo(300 / Following.PAUSE_MAX.toSeconds());
        assertThat(run(600, 600 + (int) Following.PAUSE_MAX.toSeconds())).isOne();
    }

    @Test
    void whatPrintsNothingIsNotOffered() throws IOException {
        following.begin(ORDER, 0);
        run(0, 2);
        for (int second = 2; second < 100; second++) {
            following.tick(TimeUnit.SECONDS.toNanos(second));
        }
        assertThat(offers()).isOne();
    }

    @Override
    public <T> void withStore(StoreWork<T> work, Consumer<T> done, Consumer<IOException> failed) {
        throw new AssertionError("nothing slow is done");
    }

    @Override
    public Store store() {
        return store;
    }

    @Override
    public Talks talks() {
        return talks;
    }

    @Override
    public void tell(News news) {
        throw new AssertionError("there is no news");
    }

    @Override
    public void later(Duration delay, Runnable work) {
        throw new AssertionError("nothing is put off");
    }

    @Override
    public void remove(Folder gone) {
        throw new AssertionError("nothing is removed");
    }

    @Override
    public boolean makesRoom() {
        return false;
    }
}
