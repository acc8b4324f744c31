package interchange.worker.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.pack.PackName;
import interchange.pack.PackReader;
import interchange.pack.Printed;
import interchange.proto.worker.AttemptName;
import interchange.worker.process.Bench;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackerTest {
    private static final String INCARNATION = "0123456789abcdef";
    private static final int UMASK = 027;

    @TempDir
    Path directory;

    private final List<News> news = new CopyOnWriteArrayList<>();
    private final Packer packer = new Packer(
            Bench.files(),
            "node",
            INCARNATION,
            new Packer.Limits(
                    Duration.ofMillis(10),
                    Duration.ofMillis(10),
                    Duration.ofMillis(200),
                    Duration.ofMillis(100),
                    256 * 1024),
            news::add);

    @AfterEach
    void close() {
        packer.close();
    }

    private Path jobs() throws IOException {
        return Files.createDirectories(directory.resolve("scratch/jobs"));
    }

    private Path packs() {
        return directory.resolve("logs/packs");
    }

    private PackOrder order(int job) throws IOException {
        AttemptName name = AttemptName.newBuilder().setRun(3).setJob(job).build();
        return new PackOrder(name, "job" + job, packs(), UMASK, Prints.in(jobs(), name, false));
    }

    private static void print(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Empty: nothing is known of it. */
    private String text(int job, Printed printed) {
        try (PackReader reader = PackReader.open(packs().resolve(PackName.of(3, "node", INCARNATION)))) {
            var out = new ByteArrayOutputStream();
            Optional<PackReader.Found> found = reader.find(job, 0);
            if (found.isPresent()) {
                reader.copy(found.get(), printed, 0, out);
            }
            return out.toString(StandardCharsets.UTF_8);
        } catch (java.nio.file.NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<String> awaitPacked(int job) {
        Bench.await(() -> news.stream().anyMatch(one -> one.attempt().getJob() == job));
        return news.stream()
                .filter(one -> one.attempt().getJob() == job)
                .map(one -> ((News.Packed) one).problem())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatAJobPrintedIsInThePackBeforeItsEndIsTold() throws IOException {
        PackOrder order = order(1);
        packer.watch(order);
        print(order.prints().stdout(), "out");
        print(order.prints().stderr(), "err");
        packer.pack(order);

        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("out");
        assertThat(text(1, Printed.STDERR)).isEqualTo("err");
        assertThat(jobs()).isEmptyDirectory();
        Path pack = packs().resolve(PackName.of(3, "node", INCARNATION));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(pack)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void whatAJobPrintsIsSeenWhileItRuns() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "one ");
        packer.watch(order);
        Bench.await(() -> text(1, Printed.STDOUT).equals("one "));
        print(order.prints().stdout(), "two");
        Bench.await(() -> text(1, Printed.STDOUT).equals("one two"));
        packer.pack(order);

        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("one two");
    }

    @Test
    void whatAJobEmptiesStaysInThePackAndWhatComesThenToo() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "before, ");
        packer.watch(order);
        Bench.await(() -> text(1, Printed.STDOUT).equals("before, "));
        Files.writeString(order.prints().stdout(), "now");
        packer.pack(order);

        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("before, now");
    }

    @Test
    void muchIsPackedPieceByPiece() throws IOException {
        PackOrder order = order(1);
        String much = "0123456789".repeat(1_000_000);
        print(order.prints().stdout(), much);
        packer.pack(order);

        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo(much);
    }

    @Test
    void manyJobsLeaveOneFile() throws IOException {
        for (int job = 0; job < 2_000; job++) {
            PackOrder order = order(job);
            print(order.prints().stdout(), "out of " + job);
            packer.watch(order);
            packer.pack(order);
        }
        for (int job = 0; job < 2_000; job++) {
            assertThat(awaitPacked(job)).isEmpty();
            assertThat(text(job, Printed.STDOUT)).isEqualTo("out of " + job);
        }
        try (Stream<Path> all = Files.list(packs())) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void withoutAPlaceForPacksTheEndIsToldWithTheReasonAndTheTextIsKept() throws IOException {
        Files.writeString(directory.resolve("logs"), "no directory");
        PackOrder order = order(1);
        print(order.prints().stdout(), "precious");
        packer.pack(order);

        Path kept = directory.resolve("scratch/kept/3-1-0.out");
        assertThat(awaitPacked(1).orElseThrow())
                .startsWith("what it printed can't be written to " + packs())
                .endsWith("it is kept on its node in " + kept);
        assertThat(kept).hasContent("precious");
    }

    @Test
    void aPlaceThatComesInTimeIsEnough() throws IOException {
        Path obstacle = Files.writeString(directory.resolve("logs"), "no directory");
        PackOrder order = order(1);
        print(order.prints().stdout(), "late");
        packer.pack(order);
        Files.delete(obstacle);

        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("late");
    }

    /** Somebody has seen to it just then. */
    @Test
    void aDiskThatWasFullWhileAJobRanIsWaitedForWhenItEnds() throws Exception {
        Files.writeString(Files.createDirectories(packs().getParent()).resolve(packs().getFileName()), "in the way");
        PackOrder order = order(1);
        print(order.prints().stdout(), "out");
        packer.watch(order);
        Thread.sleep(400);
        packer.pack(order);
        Thread.sleep(60);
        Files.delete(packs());
        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("out");
    }

    @Test
    void aPackThatIsEmptiedWhileMoreComesBeginsAnew() throws IOException {
        PackOrder order = order(1);
        packer.watch(order);
        var all = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            print(order.prints().stdout(), "line " + i + "\n");
            all.append("line ").append(i).append('\n');
            if (i % 10 == 5 && Files.exists(pack())) {
                Files.writeString(pack(), "");
            }
            LockSupport.parkNanos(2_000_000);
        }
        packer.pack(order);
        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo(all.toString());
    }

    @Test
    void whatNobodyWantsGoes() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "out");
        packer.watch(order);
        packer.drop(order);
        Bench.await(() -> !Files.exists(order.prints().stdout()));
    }

    @Test
    void whatAJobPrintedThatNobodyWaitsForIsPackedIfItCanBe() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "first, ");
        packer.watch(order);
        Bench.await(() -> text(1, Printed.STDOUT).equals("first, "));
        print(order.prints().stdout(), "last");
        packer.pack(order);
        packer.drop(order);
        Bench.await(() -> !Files.exists(order.prints().stdout()));

        assertThat(text(1, Printed.STDOUT)).isEqualTo("first, last");
        assertThat(ended(1)).isTrue();
    }

    @Test
    void whatIsDroppedGoesOnInNoList() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "half");
        packer.watch(order);
        Bench.await(() -> text(1, Printed.STDOUT).equals("half"));
        packer.drop(order);
        Bench.await(() -> !Files.exists(order.prints().stdout()));

        assertThat(ended(1)).isTrue();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("half");
    }

    private Path pack() {
        return packs().resolve(PackName.of(3, "node", INCARNATION));
    }

    private boolean ended(int job) throws IOException {
        try (PackReader reader = PackReader.open(pack())) {
            return reader.find(job, 0).orElseThrow().ended();
        }
    }

    @Test
    void aHugeOutputDoesNotHoldUpTheEndsOfOthers() throws IOException {
        PackOrder huge = order(1);
        String much = "0123456789abcdef".repeat(1 << 20);
        print(huge.prints().stdout(), much);
        PackOrder small = order(2);
        print(small.prints().stdout(), "small");
        packer.pack(huge);
        packer.pack(small);

        assertThat(awaitPacked(1)).isEmpty();
        assertThat(news).extracting(one -> one.attempt().getJob()).containsExactly(2, 1);
        assertThat(text(1, Printed.STDOUT)).isEqualTo(much);
        assertThat(text(2, Printed.STDOUT)).isEqualTo("small");
    }

    @Test
    void aPackIsNotOpenedWhileJobsCantBeStartedForIt() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "out");
        try (var _ = Bench.lock().hold()) {
            packer.pack(order);
            // Under that lock it would not be, and under it no job could be started while the disk of the pack hangs.
            Bench.await(() -> Files.exists(pack()));
        }
        assertThat(awaitPacked(1)).isEmpty();
    }

    private boolean isOpen(Path file) {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.anyMatch(each -> {
                try {
                    return Files.readSymbolicLink(each).equals(file);
                } catch (IOException e) {
                    return false; // that of the listing
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPackOfNoUseIsClosedAndGoesOnWhenItsRunComesAgain() throws IOException {
        for (int job = 1; job <= 3; job++) {
            PackOrder order = order(job);
            print(order.prints().stdout(), "out of " + job);
            packer.watch(order);
            Bench.await(() -> isOpen(pack()));
            packer.pack(order);
            assertThat(awaitPacked(job)).isEmpty();
            Bench.await(() -> !isOpen(pack()));
        }
        for (int job = 1; job <= 3; job++) {
            assertThat(text(job, Printed.STDOUT)).isEqualTo("out of " + job);
        }
        try (Stream<Path> all = Files.list(packs())) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void whereAPackIsRemovedAnotherBeginsWithAllThatIsStillHere() throws IOException {
        PackOrder order = order(1);
        print(order.prints().stdout(), "one ");
        packer.watch(order);
        Bench.await(() -> text(1, Printed.STDOUT).equals("one "));
        Files.delete(pack());
        // Without a word of its own the job is in the next one.
        Bench.await(() -> text(1, Printed.STDOUT).equals("one "));
        Files.move(Files.writeString(packs().resolve("other"), ""), pack(), StandardCopyOption.ATOMIC_MOVE);
        Bench.await(() -> text(1, Printed.STDOUT).equals("one "));
        Files.writeString(pack(), "");
        Bench.await(() -> text(1, Printed.STDOUT).equals("one "));
        print(order.prints().stdout(), "two");
        packer.pack(order);
        assertThat(awaitPacked(1)).isEmpty();
        assertThat(text(1, Printed.STDOUT)).isEqualTo("one two");

        Files.delete(pack());
        PackOrder later = order(2);
        print(later.prints().stdout(), "later");
        packer.pack(later);
        assertThat(awaitPacked(2)).isEmpty();
        assertThat(text(2, Printed.STDOUT)).isEqualTo("later");
    }
}
