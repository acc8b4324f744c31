package interchange.worker.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.worker.AttemptName;
import interchange.worker.process.Bench;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk that fails as the test says. */
class LodgingTest implements Desk {
    private static final AttemptName ATTEMPT =
            AttemptName.newBuilder().setJob(1).build();
    private static final Patience SHORT = new Patience(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofMillis(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1));

    @TempDir
    Path directory;

    private final Lodging lodging = new Lodging(this, SHORT);
    private final List<News> news = new ArrayList<>();
    private final Deque<Runnable> putOff = new ArrayDeque<>();
    private Optional<IOException> trouble = Optional.empty();

    private News told() {
        lodging.begin(ATTEMPT);
        Bench.await(() -> {
            Optional.ofNullable(putOff.poll()).ifPresent(Runnable::run);
            return !news.isEmpty();
        });
        assertThat(putOff).isEmpty();
        return news.getFirst();
    }

    private static FileSystemException full() {
        return new FileSystemException("/full", null, "No space left on device");
    }

    @Test
    void aFullDiskIsNotTheJobsFault() {
        trouble = Optional.of(full());
        assertThat(told()).isInstanceOf(News.NoRoom.class);
    }

    @Test
    void roomThatComesInTimeIsEnough() {
        trouble = Optional.of(full());
        lodging.begin(ATTEMPT);
        assertThat(putOff).hasSize(1);
        assertThat(news).isEmpty();
        trouble = Optional.empty();
        putOff.remove().run();
        assertThat(news).hasOnlyElementsOfType(News.Lodged.class).hasSize(1);
    }

    @Test
    void whatWaitingDoesNotMendIsToldAtOnce() {
        trouble = Optional.of(new FileSystemException("/closed", null, "Permission denied"));
        assertThat(told()).isInstanceOf(News.NotFetched.class);
        assertThat(((News.NotFetched) news.getFirst()).why())
                .contains("/closed")
                .contains("Permission denied");
    }

    @Override
    public <T> void withStore(StoreWork<T> work, Consumer<T> done, Consumer<IOException> failed) {
        if (trouble.isPresent()) {
            failed.accept(trouble.get());
            return;
        }
        try {
            Scratch scratch = Scratch.open(directory, "node", "place", Bench.files());
            done.accept(work.with(new Store(scratch, new Cache(scratch.cache(), 0), Bench.files())));
            scratch.leave();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Store store() {
        throw new AssertionError("nothing else is on the disk");
    }

    @Override
    public Talks talks() {
        throw new AssertionError("the daemon has no part in it");
    }

    @Override
    public void tell(News one) {
        news.add(one);
    }

    @Override
    public void later(Duration delay, Runnable work) {
        putOff.add(work);
    }

    @Override
    public void remove(Folder folder) {
        throw new AssertionError("nothing is removed");
    }

    @Override
    public boolean makesRoom() {
        return false;
    }
}
