package interchange.worker.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.files.FileName;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.StagedFile;
import interchange.wire.Window;
import interchange.worker.process.Bench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CourierTest {
    private static final Patience SHORT = new Patience(
            Duration.ofSeconds(2),
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(200),
            Duration.ofMillis(300),
            Duration.ofMillis(300));

    @TempDir
    Path scratch;

    private final FakeFiles daemon = new FakeFiles();
    private final BlockingQueue<News> news = new LinkedBlockingQueue<>();
    private final List<Courier> open = new ArrayList<>();
    private final Random random = new Random(1);

    private Courier courier(long cacheMiB) {
        Courier courier = new Courier(daemon, Bench.files(), "node", "token.0.0", Map.of(), SHORT);
        courier.tell(news::add);
        courier.settings(scratch.toString(), cacheMiB);
        courier.controlIs(true);
        open.add(courier);
        return courier;
    }

    @AfterEach
    void close() {
        open.forEach(courier -> courier.close(false));
    }

    private static AttemptName attempt(int job) {
        return AttemptName.newBuilder().setRun(1).setJob(job).build();
    }

    private static StagedFile file(int number, StagedFile.Kind kind, String name) {
        return StagedFile.newBuilder()
                .setNumber(number)
                .setKind(kind)
                .setName(name)
                .build();
    }

    private static Order order(int job, StagedFile... files) {
        return new Order(attempt(job), List.of(files), false);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T extends News> T next(Class<T> kind) throws InterruptedException {
        News one = news.poll(20, TimeUnit.SECONDS);
        assertThat(one).isInstanceOf(kind);
        return kind.cast(one);
    }

    /** Of all kinds of attempts, by name. */
    private List<Path> folders() throws IOException {
        Path jobs = scratch.resolve("interchange-node-token.0.0/jobs");
        if (!Files.exists(jobs)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(jobs)) {
            return all.toList();
        }
    }

    private Path cached() {
        return scratch.resolve("interchange-node-token.0.0/cache");
    }

    private List<Path> cacheFiles() throws IOException {
        try (Stream<Path> all = Files.list(cached())) {
            return all.toList();
        }
    }

    @Test
    void inputsLieInTheJobsOwnDirectoryBeforeItStarts() throws Exception {
        byte[] large = bytes(3 * Window.BYTES + 17);
        daemon.input(attempt(1), 0, large)
                .input(attempt(1), 1, "run me".getBytes())
                .input(attempt(1), 2, new byte[0]);
        courier(100)
                .fetch(order(
                        1,
                        file(0, StagedFile.Kind.INPUT, "large"),
                        file(1, StagedFile.Kind.EXECUTABLE, "tool"),
                        file(2, StagedFile.Kind.INPUT, "empty"),
                        file(3, StagedFile.Kind.OUTPUT, "made")));
        Path work = next(News.Fetched.class).folder().work();

        assertThat(work.resolve("large")).hasBinaryContent(large);
        assertThat(work.resolve("tool")).hasContent("run me").isExecutable();
        assertThat(work.resolve("empty")).isEmptyFile();
        assertThat(work.resolve("made")).doesNotExist();
        assertThat(daemon.readOffsets).contains(0L, (long) Window.BYTES, 2L * Window.BYTES, 3L * Window.BYTES);
    }

    @Test
    void whatAHundredJobsWantTravelsOnceAndEachHasItsOwn() throws Exception {
        byte[] shared = bytes(2 * Window.BYTES);
        Courier courier = courier(100);
        for (int job = 0; job < 100; job++) {
            daemon.input(attempt(job), 0, shared);
            courier.fetch(order(job, file(0, StagedFile.Kind.INPUT, "in")));
        }
        List<Path> works = new ArrayList<>();
        for (int job = 0; job < 100; job++) {
            works.add(next(News.Fetched.class).folder().work());
        }

        assertThat(daemon.readOffsets).hasSize(2);
        Files.writeString(works.getFirst().resolve("in"), "mine");
        assertThat(works.getLast().resolve("in")).hasBinaryContent(shared);
    }

    @Test
    void aFetchGoesOnWhereAnotherConnectionLeftIt() throws Exception {
        byte[] large = bytes(3 * Window.BYTES);
        daemon.input(attempt(1), 0, large);
        daemon.breaksAfterPieces(6);
        courier(100).fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));

        assertThat(next(News.Fetched.class).folder().work().resolve("in")).hasBinaryContent(large);
        assertThat(daemon.lines).hasValue(2);
        assertThat(daemon.readOffsets).contains(6L * Window.PIECE_BYTES);
    }

    @Test
    void piecesThatComeTwiceAreTakenOnce() throws Exception {
        byte[] large = bytes(2 * Window.BYTES);
        daemon.input(attempt(1), 0, large);
        daemon.sendsPiecesTwice(5);
        courier(100).fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));

        assertThat(next(News.Fetched.class).folder().work().resolve("in")).hasBinaryContent(large);
    }

    @Test
    void whatArrivesWrongIsFetchedAgainButNotForEver() throws Exception {
        byte[] content = bytes(1000);
        daemon.input(attempt(1), 0, content).input(attempt(2), 0, bytes(1000));
        daemon.spoilsPieces(1);
        Courier courier = courier(100);
        courier.fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));
        assertThat(next(News.Fetched.class).folder().work().resolve("in")).hasBinaryContent(content);

        daemon.spoilsPieces(1000);
        courier.fetch(order(2, file(0, StagedFile.Kind.INPUT, "in")));
        assertThat(next(News.NotFetched.class).why()).contains("in").contains("another content");
    }

    @Test
    void anInputThatChangesMeanwhileIsLookedAtAgain() throws Exception {
        byte[] content = bytes(1000);
        daemon.input(attempt(1), 0, content);
        daemon.saysChanged(2);
        courier(100).fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));

        assertThat(next(News.Fetched.class).folder().work().resolve("in")).hasBinaryContent(content);
    }

    @Test
    void aRefusalEndsTheFetchAndItsDirectoryGoes() throws Exception {
        daemon.refuses(FakeFiles.name(attempt(1), 1), "there is no /data/x");
        daemon.input(attempt(1), 0, bytes(10));
        courier(100).fetch(order(1, file(0, StagedFile.Kind.INPUT, "in"), file(1, StagedFile.Kind.INPUT, "absent")));

        assertThat(next(News.NotFetched.class).why()).isEqualTo("there is no /data/x");
        Bench.await(() -> isEmpty());
    }

    private boolean isEmpty() {
        try {
            return folders().isEmpty();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anInputThatCantBeReadForLongIsToldWithItsReason() throws Exception {
        daemon.input(attempt(1), 0, bytes(10));
        daemon.saysLater(Integer.MAX_VALUE);
        courier(100).fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));

        assertThat(next(News.NotFetched.class).why()).isEqualTo("not now");
    }

    @Test
    void aPortForFilesThatCantBeReachedIsToldButNotWhileTheDaemonIsAway() throws Exception {
        daemon.reachable(false);
        Courier courier = courier(100);
        courier.controlIs(false);
        courier.fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));
        assertThat(news.poll(2 * SHORT.unreachable().toMillis(), TimeUnit.MILLISECONDS))
                .isNull();

        courier.controlIs(true);

        assertThat(next(News.NotFetched.class).why()).contains("filesPort").contains("nobody there");
    }

    @Test
    void theLeastRecentlyUsedGoesWhenTheCacheIsFull() throws Exception {
        Courier courier = courier(1);
        for (int job = 0; job < 4; job++) {
            daemon.input(attempt(job), 0, bytes(400 * 1024));
            courier.fetch(order(job, file(0, StagedFile.Kind.INPUT, "in")));
            next(News.Fetched.class);
        }
        Bench.await(() -> cacheCount() == 2);
        int before = daemon.readOffsets.size();
        daemon.input(attempt(9), 0, content(3));
        courier.fetch(order(9, file(0, StagedFile.Kind.INPUT, "in")));
        next(News.Fetched.class);
        assertThat(daemon.readOffsets).hasSize(before);

        byte[] tooLarge = bytes(2 * Window.BYTES);
        daemon.input(attempt(10), 0, tooLarge);
        courier.fetch(order(10, file(0, StagedFile.Kind.INPUT, "in")));
        assertThat(next(News.Fetched.class).folder().work().resolve("in")).hasBinaryContent(tooLarge);
        Bench.await(() -> cacheBytes() <= 1 << 20);
    }

    private byte[] content(int job) throws IOException {
        return Files.readAllBytes(scratch.resolve("interchange-node-token.0.0/jobs/1-" + job + "-0/work/in"));
    }

    private int cacheCount() {
        try {
            return cacheFiles().size();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private long cacheBytes() {
        try {
            return cacheFiles().stream()
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatWasChangedInTheCacheIsNotGivenToJobs() throws Exception {
        byte[] content = bytes(1000);
        daemon.input(attempt(1), 0, content).input(attempt(2), 0, content);
        Courier courier = courier(100);
        courier.fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));
        next(News.Fetched.class);
        Files.writeString(cacheFiles().getFirst(), "x", StandardOpenOption.APPEND);

        courier.fetch(order(2, file(0, StagedFile.Kind.INPUT, "in")));

        assertThat(next(News.Fetched.class).folder().work().resolve("in")).hasBinaryContent(content);
        assertThat(daemon.readOffsets).hasSize(2);
    }

    @Test
    void theNextWorkerOfAPlaceUsesTheCacheButReadsItFirst() throws Exception {
        byte[] good = bytes(1000);
        byte[] bad = bytes(1000);
        daemon.input(attempt(1), 0, good).input(attempt(1), 1, bad);
        Courier first = courier(100);
        StagedFile[] both = {file(0, StagedFile.Kind.INPUT, "good"), file(1, StagedFile.Kind.INPUT, "bad")};
        first.fetch(order(1, both));
        next(News.Fetched.class);
        first.close(true);
        for (Path file : cacheFiles()) {
            if (java.util.Arrays.equals(Files.readAllBytes(file), bad)) {
                Files.write(file, bytes(1000));
            }
        }
        Files.writeString(cached().resolve("half.part"), "half");
        daemon.readOffsets.clear();

        daemon.input(attempt(2), 0, good).input(attempt(2), 1, bad);
        courier(100).fetch(order(2, both));
        Path work = next(News.Fetched.class).folder().work();

        assertThat(work.resolve("good")).hasBinaryContent(good);
        assertThat(work.resolve("bad")).hasBinaryContent(bad);
        assertThat(daemon.readOffsets).hasSize(1);
        assertThat(folders()).hasSize(1);
        assertThat(cached().resolve("half.part")).doesNotExist();
    }

    @Test
    void whatIsDroppedWhileOthersWantItGoesOnForThem() throws Exception {
        byte[] shared = bytes(2 * Window.BYTES);
        daemon.input(attempt(1), 0, shared).input(attempt(2), 0, shared);
        daemon.answersReads(false);
        Courier courier = courier(100);
        courier.fetch(order(1, file(0, StagedFile.Kind.INPUT, "in")));
        Bench.await(() -> !daemon.readOffsets.isEmpty());
        courier.fetch(order(2, file(0, StagedFile.Kind.INPUT, "in")));
        Bench.await(() -> daemon.heard.stream().filter(each -> each.hasLook()).count() == 6);
        courier.drop(order(1, file(0, StagedFile.Kind.INPUT, "in")));
        daemon.answersReads(true);

        assertThat(next(News.Fetched.class).attempt()).isEqualTo(attempt(2));
        assertThat(news).isEmpty();
    }

    @Test
    void whatAKilledWorkersJobsPrintedIsGoneWhenTheNextOneLodgesItsOwn() throws Exception {
        Path jobs = Files.createDirectories(scratch.resolve("interchange-node-token.0.0/jobs"));
        Files.setPosixFilePermissions(
                jobs.getParent(), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Files.writeString(jobs.resolve("1-7-0.out"), "a second of text");
        Files.createDirectories(jobs.resolve("1-8-0/work"));

        courier(100).lodge(attempt(1));

        assertThat(next(News.Lodged.class).lodging()).isEqualTo(jobs).isEmptyDirectory();
    }

    // ---- and back

    private Folder fetched(Courier courier, Order order) throws InterruptedException {
        courier.fetch(order);
        return next(News.Fetched.class).folder();
    }

    @Test
    void outputsAndWhatWasPrintedComeBackAndThenTheDirectoryGoes() throws Exception {
        Courier courier = courier(100);
        Order order = order(1, file(0, StagedFile.Kind.OUTPUT, "made"), file(1, StagedFile.Kind.OUTPUT, "tool"));
        Folder folder = fetched(courier, order);
        byte[] made = bytes(2 * Window.BYTES + 5);
        Files.write(folder.work().resolve("made"), made);
        Files.writeString(folder.work().resolve("tool"), "");
        folder.work().resolve("tool").toFile().setExecutable(true, true);
        Files.writeString(folder.stdout(), "hello");
        Files.writeString(folder.stderr(), "");
        courier.bringBack(order, false);

        assertThat(next(News.Returned.class).problem()).isEmpty();
        assertThat(daemon.takenOf(attempt(1), 0)).isEqualTo(made);
        assertThat(daemon.taken).containsKey(FakeFiles.name(attempt(1), 1));
        assertThat(daemon.offeredOf(attempt(1), 1).getExecutable()).isTrue();
        assertThat(daemon.offeredOf(attempt(1), 0).getExecutable()).isFalse();
        assertThat(daemon.taken.get(FakeFiles.log(attempt(1), FileName.Log.STDOUT)))
                .isEqualTo("hello".getBytes());
        assertThat(daemon.taken).containsKey(FakeFiles.log(attempt(1), FileName.Log.STDERR));
        Bench.await(this::isEmpty);
    }

    @Test
    void anOutputGoesOnWhereAnotherConnectionLeftIt() throws Exception {
        Courier courier = courier(100);
        Order order = order(1, file(0, StagedFile.Kind.OUTPUT, "made"));
        Folder folder = fetched(courier, order);
        byte[] made = bytes(3 * Window.BYTES);
        Files.write(folder.work().resolve("made"), made);
        daemon.breaksAfterPieces(6);
        courier.bringBack(order, false);

        assertThat(next(News.Returned.class).problem()).isEmpty();
        assertThat(daemon.takenOf(attempt(1), 0)).isEqualTo(made);
        assertThat(daemon.lines).hasValue(2);
    }

    @Test
    void whatTheJobDidNotWriteIsNamedAndTheRestComesBack() throws Exception {
        Courier courier = courier(100);
        Order order = order(
                1,
                file(0, StagedFile.Kind.OUTPUT, "made"),
                file(1, StagedFile.Kind.OUTPUT, "absent"),
                file(2, StagedFile.Kind.OUTPUT, "tree"));
        Folder folder = fetched(courier, order);
        Files.writeString(folder.work().resolve("made"), "x");
        Files.createDirectory(folder.work().resolve("tree"));
        courier.bringBack(order, false);

        assertThat(next(News.Returned.class).problem().orElseThrow())
                .contains("did not write the output 'absent'")
                .contains("'tree' is a directory")
                .doesNotContain("printed");
        assertThat(daemon.takenOf(attempt(1), 0)).isEqualTo("x".getBytes());
    }

    @Test
    void ofAKilledJobOnlyWhatItPrintedComesBack() throws Exception {
        Courier courier = courier(100);
        Order order = order(1, file(0, StagedFile.Kind.OUTPUT, "made"));
        Folder folder = fetched(courier, order);
        Files.writeString(folder.work().resolve("made"), "half");
        Files.writeString(folder.stdout(), "hello");
        courier.bringBack(order, true);

        assertThat(next(News.Returned.class).problem()).isEmpty();
        assertThat(daemon.taken).containsOnlyKeys(FakeFiles.log(attempt(1), FileName.Log.STDOUT));
    }

    @Test
    void whatTheDaemonCantTakeIsKeptOnTheNode() throws Exception {
        Courier courier = courier(100);
        Order order = order(1, file(0, StagedFile.Kind.OUTPUT, "made"));
        Folder folder = fetched(courier, order);
        daemon.refuses(FakeFiles.name(attempt(1), 0), "no permission for /data");
        Files.writeString(folder.work().resolve("made"), "dear");
        courier.bringBack(order, false);

        String problem = next(News.Returned.class).problem().orElseThrow();
        Path kept = scratch.resolve("interchange-node-token.0.0/kept/1-1-0");
        assertThat(problem).contains("no permission for /data").contains(kept.toString());
        courier.close(false);
        assertThat(kept.resolve("work/made")).hasContent("dear");
    }

    @Test
    void outputsOfADaemonThatIsAwayOrFullAreKeptUntilTheyAreTaken() throws Exception {
        Courier courier = courier(100);
        Order order = order(1, file(0, StagedFile.Kind.OUTPUT, "made"));
        Folder folder = fetched(courier, order);
        Files.writeString(folder.work().resolve("made"), "dear");
        daemon.reachable(false);
        courier.bringBack(order, false);
        assertThat(news.poll(3 * SHORT.unreachable().toMillis(), TimeUnit.MILLISECONDS))
                .isNull();
        daemon.saysLater(20);
        daemon.reachable(true);

        assertThat(next(News.Returned.class).problem()).isEmpty();
        assertThat(daemon.takenOf(attempt(1), 0)).isEqualTo("dear".getBytes());
    }

    @Test
    void whatALeavingWorkerHadIsGoneAndSoIsWhatADeadOneLeft() throws Exception {
        Path dead = Files.createDirectories(
                scratch.resolve("interchange-node-other.0.0"),
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rwx------")));
        Files.createDirectories(dead.resolve("jobs/1-1-0/work"));
        Files.createFile(dead.resolve("lock"));
        Path elsewhere = Files.createDirectories(scratch.resolve("interchange-othernode-other.0.0/jobs"));
        Courier living = new Courier(daemon, Bench.files(), "node", "living.0.0", Map.of(), SHORT);
        living.tell(news::add);
        living.settings(scratch.toString(), 1);
        living.controlIs(true);
        open.add(living);
        Folder theirs = fetched(living, order(7, file(0, StagedFile.Kind.OUTPUT, "made")));

        Courier courier = courier(1);
        fetched(courier, order(1, file(0, StagedFile.Kind.OUTPUT, "made")));
        assertThat(dead).doesNotExist();
        assertThat(elsewhere).exists();
        assertThat(theirs.work()).exists();

        courier.close(false);
        assertThat(scratch.resolve("interchange-node-token.0.0")).doesNotExist();
    }

    @Test
    void aDirectoryThatSomebodyElseMadeIsNotUsed() throws Exception {
        Path trap = Files.createDirectory(scratch.resolve("trap"));
        Files.createSymbolicLink(scratch.resolve("interchange-node-token.0.0"), trap);
        Folder folder = fetched(courier(1), order(1, file(0, StagedFile.Kind.OUTPUT, "made")));

        assertThat(folder.work().toRealPath().startsWith(trap.toRealPath())).isFalse();
        try (Stream<Path> inside = Files.list(trap)) {
            assertThat(inside).isEmpty();
        }
        assertThat(Files.isSymbolicLink(scratch.resolve("interchange-node-token.0.0")))
                .isTrue();
        assertThat(Files.exists(trap, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void aScratchOfTheNodesOwnIsFoundByItsVariable() throws Exception {
        Courier courier =
                new Courier(daemon, Bench.files(), "node", "token.0.0", Map.of("MINE", scratch.toString()), SHORT);
        courier.tell(news::add);
        courier.settings("$MINE/below", 1);
        open.add(courier);
        Folder folder = fetched(courier, order(1, file(0, StagedFile.Kind.OUTPUT, "made")));
        assertThat(folder.root()).startsWith(scratch.resolve("below"));

        Courier lost = new Courier(daemon, Bench.files(), "node", "lost.0.0", Map.of(), SHORT);
        lost.tell(news::add);
        lost.settings("$MINE/below", 1);
        open.add(lost);
        lost.fetch(order(2, file(0, StagedFile.Kind.OUTPUT, "made")));
        assertThat(next(News.NotFetched.class).why()).contains("MINE");
    }
}
