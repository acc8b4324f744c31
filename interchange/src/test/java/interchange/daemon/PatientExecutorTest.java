package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PatientExecutorTest {
    private static final int MANY = 5_000;

    private final ThreadPoolExecutor bounded =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
    private final PatientExecutor executor = new PatientExecutor(bounded);
    private final CountDownLatch go = new CountDownLatch(1);
    private final List<Integer> done = new CopyOnWriteArrayList<>();

    @AfterEach
    void shutDown() {
        bounded.shutdownNow();
    }

    private void waitToGo() {
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void submit(int number) {
        executor.execute(() -> done.add(number));
    }

    @Test
    void moreThanTheExecutorTakesIsDoneInOrderAndLeavesRoomForOthers() {
        bounded.execute(this::waitToGo);
        IntStream.range(0, MANY).forEach(this::submit);
        assertThat(bounded.getQueue()).hasSize(1);
        go.countDown();
        TestDaemon.await("all are done", () -> done.size() == MANY);
        assertThat(done).isSorted();
    }

    @Test
    void whatIsRefusedIsHandedOverWhenThereIsRoom() {
        bounded.execute(this::waitToGo);
        bounded.execute(() -> {});
        submit(1);
        assertThat(done).isEmpty();
        go.countDown();
        TestDaemon.await("it is done", () -> done.contains(1));
    }

    @Test
    void aTaskThatFailsKeepsNoOtherFromBeingDone() {
        executor.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        submit(1);
        TestDaemon.await("the other is done", () -> done.contains(1));
    }
}
