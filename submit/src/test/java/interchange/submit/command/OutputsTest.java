package interchange.submit.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.pack.PackWriter;
import interchange.pack.Printed;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.submit.CommandException;
import interchange.submit.output.Console;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OutputsTest {
    private static final long NOW = System.currentTimeMillis();
    private static final int JOB = 4;

    @TempDir
    Path directory;

    private final JobResponse.Builder answer = JobResponse.newBuilder();

    private Path file() {
        return directory.resolve("a.stdout");
    }

    private Path part() {
        return directory.resolve("a.part");
    }

    private Path pack() {
        return directory.resolve("run1.pack");
    }

    private static JobRow.Builder row(int number, long started, String cause) {
        return JobRow.newBuilder()
                .setIndex(JOB)
                .setAttempts(number)
                .setStartedEpochMillis(started)
                .setEndedEpochMillis(cause.isEmpty() ? 0 : started + 1)
                .setCause(cause);
    }

    private static interchange.proto.control.Printed.Builder places() {
        return interchange.proto.control.Printed.newBuilder();
    }

    private void file(int number, long started, String cause) {
        answer.addAttempts(row(number, started, cause)).addPrinted(places());
    }

    private void stream(int number, long started, String cause) {
        answer.addAttempts(row(number, started, cause))
                .addPrinted(places().setStdoutPart(part().toString()).setStderrPart(part().toString()));
    }

    private void pack(int number, String text) throws IOException {
        answer.addAttempts(row(number, NOW, "FAILED")).addPrinted(places().setPack(pack().toString()));
        print(number, 0, text, true);
    }

    private void print(int number, int offset, String text, boolean end) throws IOException {
        FileChannel channel =
                FileChannel.open(pack(), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try (PackWriter writer = PackWriter.open(pack(), channel, false, 1, "node", "0")) {
            writer.text(JOB, number, Printed.STDOUT, offset, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            if (end) {
                writer.end(JOB, number, "a");
            }
            writer.flush();
        }
    }

    private JobResponse answer(JobState state) {
        return answer.setStdout(file().toString())
                .setStderr(directory.resolve("a.stderr").toString())
                .setJob(JobRow.newBuilder().setName("a").setState(state).setAttempts(answer.getAttemptsCount()))
                .build();
    }

    private static String text(Tail tail) throws IOException {
        try (tail) {
            var out = new ByteArrayOutputStream();
            tail.copyTo(out, false);
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    private String last() throws IOException {
        return text(new Outputs(Printed.STDOUT).last(answer(JobState.RUNNING)));
    }

    private String of(int number) throws IOException, CommandException {
        return text(new Outputs(Printed.STDOUT).of(answer(JobState.RUNNING), number));
    }

    @Test
    void eachAttemptIsLookedForWhereItsOwnPoolPutsWhatItPrints() throws Exception {
        file(0, NOW, "FAILED");
        pack(1, "one");
        file(2, NOW, "FAILED");
        pack(3, "three");
        // Attempt 2 has put aside what it found, under the number before its own.
        Files.writeString(Path.of(file() + ".1"), "zero");
        Files.writeString(file(), "two");

        assertThat(of(0)).isEqualTo("zero");
        assertThat(of(1)).isEqualTo("one");
        assertThat(of(2)).isEqualTo("two");
        assertThat(of(3)).isEqualTo("three");
        assertThat(last()).isEqualTo("three");
    }

    @Test
    void whatAnAttemptBeforeOneThatNeverStartedPrintedIsFoundUnderTheLattersNumber() throws Exception {
        file(0, NOW, "FAILED");
        file(1, 0, "WORKER_LEFT");
        file(2, NOW, "");
        Files.writeString(Path.of(file() + ".1"), "zero");
        Files.writeString(file(), "two");

        assertThat(of(0)).isEqualTo("zero");
        assertThat(last()).isEqualTo("two");
        assertThatThrownBy(() -> of(1)).hasMessageContaining("attempt 1 of job 'a' is not known to have started");
    }

    @Test
    void theTextOfAnAttemptBeforeIsNotThatOfOneThatIsSent() throws Exception {
        stream(0, NOW - 10_000, "FAILED");
        stream(1, NOW - 5_000, "");
        Files.writeString(file(), "zero");
        Files.setLastModifiedTime(file(), FileTime.fromMillis(NOW - 9_000));

        assertThat(new Outputs(Printed.STDOUT).last(answer(JobState.RUNNING)).exists())
                .isFalse();
        assertThat(last()).isEmpty();
        assertThat(of(0)).isEqualTo("zero");

        answer.setAttempts(1, row(1, NOW - 5_000, "WORKER_DIED"));
        assertThat(last()).as("it was lost with what it printed").isEmpty();

        Files.writeString(file(), "one");
        Files.setLastModifiedTime(file(), FileTime.fromMillis(NOW - 4_000));
        assertThat(last()).isEqualTo("one");

        Files.setLastModifiedTime(file(), FileTime.fromMillis(NOW - 20_000));
        assertThat(last()).isEmpty();
        answer.setAttempts(1, row(1, NOW - 5_000, "SUCCEEDED"));
        assertThat(last()).as("whatever clock its disk has").isEqualTo("one");
    }

    /** As the daemon puts it there: whole. */
    private void comes(String text) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), text);
        Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE);
    }

    private String followed(JobResponse ended, Late late) throws Exception {
        JobResponse running = ended.toBuilder()
                .setJob(ended.getJob().toBuilder().setState(JobState.RUNNING))
                .build();
        return followed(running, ended, late);
    }

    private static String followed(JobResponse first, JobResponse ended, Late late) throws Exception {
        var asked = new AtomicInteger();
        Thread.ofVirtual().start(() -> {
            // Not before it was asked for what is not there.
            while (asked.get() == 0) {
                Thread.onSpinWait();
            }
            late.comeNow();
        });
        return followed(first, () -> {
            asked.incrementAndGet();
            return ended;
        });
    }

    /** The daemon tells of what is in its place. */
    private static String followedWhatIsThere(JobResponse first, JobResponse ended, Late before) throws Exception {
        var asked = new AtomicInteger();
        return followed(first, () -> {
            if (asked.getAndIncrement() == 0) {
                before.comeNow();
            }
            return ended;
        });
    }

    /** What it prints by the time at which it knows that nothing more will come. */
    private static String followed(JobResponse first, Follower.Question question) throws Exception {
        var out = new ByteArrayOutputStream();
        var console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(new ByteArrayOutputStream()),
                false,
                false);
        new Follower(console, new Outputs(Printed.STDOUT), question).follow(first);
        return out.toString(StandardCharsets.UTF_8);
    }

    private interface Late {
        void come() throws IOException;

        default void comeNow() {
            try {
                come();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The answer to the first question; from now on another is made. */
    private JobResponse firstAnswer() {
        JobResponse first = answer(JobState.RUNNING);
        answer.clearAttempts().clearPrinted();
        return first;
    }

    @Test
    @Timeout(value = 50, unit = TimeUnit.SECONDS)
    void whatIsSeenOnlyAfterTheEndIsWaitedFor() throws Exception {
        file(0, NOW, "SUCCEEDED");
        assertThat(followed(answer(JobState.SUCCEEDED), () -> comes("late"))).isEqualTo("late");
    }

    @Test
    @Timeout(value = 50, unit = TimeUnit.SECONDS)
    void aPackIsLookedIntoUntilItHasTheEnd() throws Exception {
        pack(0, "first, ");
        Files.delete(pack());
        print(0, 0, "first, ", false);
        // Another in its place has all that the worker still had on its node.
        assertThat(followed(answer(JobState.FAILED), () -> {
                    Files.delete(pack());
                    print(0, 0, "first, second", true);
                }))
                .isEqualTo("first, second");
    }

    @Test
    @Timeout(value = 50, unit = TimeUnit.SECONDS)
    void whatIsNotThereLongAfterTheEndIsNotWaitedFor() throws Exception {
        file(0, NOW - 120_000, "SUCCEEDED");
        assertThat(followed(answer(JobState.SUCCEEDED), () -> {})).isEmpty();
    }

    /** Each in its turn, wherever it is by then, and none twice. */
    @Test
    @Timeout(value = 50, unit = TimeUnit.SECONDS)
    void attemptsThatFollowQuicklyAreAllShown() throws Exception {
        file(0, NOW, "");
        Files.writeString(file(), "ze");
        JobResponse first = firstAnswer();
        file(0, NOW, "FAILED");
        file(1, NOW, "FAILED");
        pack(2, "two, ");
        file(3, 0, "WORKER_LEFT");
        file(4, NOW, "SUCCEEDED");
        assertThat(followedWhatIsThere(first, answer(JobState.SUCCEEDED), () -> {
                    Files.writeString(Path.of(file() + ".0"), "zero, ");
                    Files.writeString(Path.of(file() + ".1"), "one, ");
                    comes("four");
                }))
                .isEqualTo("zero, one, two, four");
    }

    @Test
    @Timeout(value = 50, unit = TimeUnit.SECONDS)
    void whatIsSentIsNotTakenForThatOfTheAttemptBefore() throws Exception {
        stream(0, NOW - 10_000, "");
        Files.writeString(part(), "ze");
        JobResponse first = firstAnswer();
        stream(0, NOW - 10_000, "FAILED");
        stream(1, NOW, "SUCCEEDED");
        assertThat(followedWhatIsThere(first, answer(JobState.SUCCEEDED), () -> {
                    Files.delete(part());
                    Files.writeString(Path.of(file() + ".0"), "zero, ");
                    comes("and one");
                }))
                .isEqualTo("zero, and one");
    }

    @Test
    @Timeout(value = 50, unit = TimeUnit.SECONDS)
    void anAttemptThatHadNotStartedWhenItWasAskedForIsFollowedToItsEnd() throws Exception {
        stream(0, 0, "");
        JobResponse waiting = answer(JobState.PENDING);
        answer.setAttempts(0, row(0, NOW, "SUCCEEDED"));
        assertThat(followed(waiting, answer(JobState.SUCCEEDED), () -> comes("sent")))
                .isEqualTo("sent");
    }
}
