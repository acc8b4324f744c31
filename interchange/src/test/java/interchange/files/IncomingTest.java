package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import interchange.core.AttemptId;
import interchange.files.Turns.Peer;
import interchange.proto.files.Close;
import interchange.proto.files.FileName;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Offer;
import interchange.proto.files.Piece;
import interchange.proto.files.ToFiles;
import interchange.proto.files.Turn;
import interchange.proto.worker.AttemptName;
import interchange.shared.Sha256;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server of files with a fake socket: each job has one output, and each output is of one window and a half. */
class IncomingTest {
    private static final int SIZE = Window.BYTES + Window.PIECE_BYTES;

    @TempDir
    Path directory;

    private final FakeLoop loop = new FakeLoop();
    private final Set<Integer> over = new HashSet<>();
    private final Permits permits = new Permits() {
        @Override
        public boolean isOpen(AttemptId id) {
            return !over.contains(id.job());
        }

        @Override
        public Optional<Permit> of(Key key) {
            return Optional.<Permit>of(new Permit.Output(made(key.attempt().job()), 022))
                    .filter(_ -> isOpen(key.attempt()));
        }
    };
    private long now;
    private Optional<FileServer> server = Optional.empty();

    @BeforeEach
    void begin() throws IOException {
        server = Optional.of(new FileServer(
                loop,
                permits,
                permits,
                Files.createDirectories(directory.resolve("incoming")),
                loop.otherThread(),
                loop.otherThread(),
                new Troubled() {
                    @Override
                    public void begin(String text) {
                        throw new AssertionError(text);
                    }

                    @Override
                    public void end() {
                        throw new AssertionError("there was none");
                    }
                },
                () -> now));
    }

    private Path made(int job) {
        return directory.resolve("made" + job);
    }

    private static byte[] content(int job) {
        byte[] content = new byte[SIZE];
        java.util.Arrays.fill(content, (byte) job);
        return content;
    }

    private void say(Peer peer, int job, ToFiles.Builder message) {
        AttemptName attempt = AttemptName.newBuilder().setRun(1).setJob(job).build();
        server.orElseThrow()
                .receive(
                        peer.link(),
                        message.setTransfer(peer.transfer())
                                .setFile(FileName.newBuilder()
                                        .setAttempt(attempt)
                                        .setNumber(0))
                                .build());
        loop.run();
    }

    /** Job n is offered as transfer n + 1. */
    private Peer offer(long link, int job) {
        Peer peer = new Peer(link, job + 1);
        say(
                peer,
                job,
                ToFiles.newBuilder()
                        .setOffer(Offer.newBuilder()
                                .setSize(SIZE)
                                .setSha256(ByteString.copyFrom(Sha256.digest().digest(content(job))))));
        return peer;
    }

    private List<Peer> offerAll(long link, int from, int to) {
        List<Peer> peers = new ArrayList<>();
        for (int job = from; job < to; job++) {
            peers.add(offer(link, job));
        }
        return peers;
    }

    private void close(Peer peer) {
        say(peer, (int) peer.transfer() - 1, ToFiles.newBuilder().setClose(Close.getDefaultInstance()));
    }

    private void sendWindow(Peer peer, Turn turn) {
        for (long at = turn.getOffset(); at < turn.getOffset() + turn.getLength(); at += Window.PIECE_BYTES) {
            sendPiece(peer, at);
        }
    }

    private void sendPiece(Peer peer, long at) {
        int job = (int) peer.transfer() - 1;
        say(
                peer,
                job,
                ToFiles.newBuilder()
                        .setPiece(Piece.newBuilder()
                                .setOffset(at)
                                .setData(ByteString.copyFrom(content(job), (int) at, Window.PIECE_BYTES))));
    }

    /** Partial files of this test that this process has open. */
    private List<String> openParts() throws IOException {
        List<String> parts = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path each : descriptors.toList()) {
                if (Files.isSymbolicLink(each)) {
                    String target = Files.readSymbolicLink(each).toString();
                    if (target.startsWith(directory.resolve(".interchange-").toString())) {
                        parts.add(target);
                    }
                }
            }
        }
        return parts;
    }

    private void sayOfLog(Peer peer, ToFiles.Builder message) {
        sayOfLogAtOnce(peer, message);
        loop.run();
    }

    /** Before anything is done that was to be done. */
    private void sayOfLogAtOnce(Peer peer, ToFiles.Builder message) {
        FileName log = FileName.newBuilder()
                .setAttempt(AttemptName.newBuilder().setRun(1).setJob(7))
                .setLog(FileName.Log.STDOUT)
                .build();
        server.orElseThrow()
                .receive(
                        peer.link(),
                        message.setTransfer(peer.transfer()).setFile(log).build());
    }

    private static ToFiles.Builder offerOf(String text, ByteString hash) {
        return ToFiles.newBuilder()
                .setOffer(Offer.newBuilder().setSize(text.length()).setSha256(hash));
    }

    private void offerLog(Peer peer, String text, ByteString hash) {
        sayOfLog(peer, offerOf(text, hash));
    }

    /** What is missing of it, from an offset on. */
    private void sendLog(Peer peer, String text, int from) {
        Turn turn = loop.heard(peer).getLast().getTurn();
        assertThat(turn.getOffset()).isEqualTo(from);
        ByteString rest = ByteString.copyFromUtf8(text).substring((int) turn.getOffset());
        assertThat(turn.getLength()).isEqualTo(rest.size());
        sayOfLog(
                peer,
                ToFiles.newBuilder()
                        .setPiece(Piece.newBuilder().setOffset(turn.getOffset()).setData(rest)));
        assertThat(loop.heard(peer).getLast().hasTaken()).isTrue();
    }

    @Test
    void aLogThatGrowsGathersBesideItsPlaceUntilItIsWhole() throws IOException {
        Path part = directory.resolve(".interchange-1-7-0-out.part");
        Peer first = new Peer(1, 1);
        offerLog(first, "one, ", ByteString.EMPTY);
        sendLog(first, "one, ", 0);
        assertThat(part).hasContent("one, ");
        assertThat(openParts()).isEmpty();

        Peer second = new Peer(1, 2);
        offerLog(second, "one, two", ByteString.EMPTY);
        sendLog(second, "one, two", 5);
        assertThat(part).hasContent("one, two");
        assertThat(made(7)).doesNotExist();

        String whole = "one, two, three";
        Peer last = new Peer(1, 3);
        offerLog(last, whole, ByteString.copyFrom(Sha256.digest().digest(whole.getBytes(StandardCharsets.UTF_8))));
        sendLog(last, whole, 8);
        assertThat(made(7)).hasContent(whole);
        assertThat(part).doesNotExist();
    }

    @Test
    void theWholeLogIsNotTakenForWhatWasPrintedBeforeTheEnd() throws IOException {
        String whole = "all";
        Peer before = new Peer(1, 1);
        Peer last = new Peer(1, 2);
        // The job ends while the first is being looked at; each of the same length, as where it printed at once.
        sayOfLogAtOnce(before, offerOf(whole, ByteString.EMPTY));
        sayOfLogAtOnce(
                last,
                offerOf(whole, ByteString.copyFrom(Sha256.digest().digest(whole.getBytes(StandardCharsets.UTF_8)))));
        loop.run();

        sendLog(last, whole, 0);
        assertThat(made(7)).hasContent(whole);
        assertThat(directory.resolve(".interchange-1-7-0-out.part")).doesNotExist();
        assertThat(openParts()).isEmpty();
    }

    @Test
    void anOutputWithoutAHashIsNoneOfALogThatGrows() {
        Peer peer = new Peer(1, 1);
        var offer = ToFiles.newBuilder().setOffer(Offer.newBuilder().setSize(SIZE));
        assertThatThrownBy(() -> say(peer, 1, offer)).hasMessageContaining("can be meant");
    }

    @Test
    void whatWaitsForAConnectionThatHasGoneIsClosedWhenItsTurnCame() throws IOException {
        List<Peer> alive = offerAll(1, 0, Turns.UNDER_WAY_MAX);
        offerAll(2, 100, 110);
        assertThat(openParts()).hasSize(Turns.UNDER_WAY_MAX + 10);
        loop.gone.add(2L);

        close(alive.getFirst());

        assertThat(openParts()).hasSize(Turns.UNDER_WAY_MAX - 1);
    }

    @Test
    void whatStandsStillIsClosedAndGoesOnWhenItIsOfferedAgain() throws IOException {
        Peer peer = offer(1, 7);
        Turn first = loop.heard(peer).getFirst().getTurn();
        sendWindow(peer, first);
        assertThat(openParts()).hasSize(1);

        now += Turns.EXPIRY_NANOS + 1;
        server.orElseThrow().tick(now);
        assertThat(openParts()).isEmpty();
        loop.heard(peer);

        Peer again = offer(2, 7);
        Turn second = loop.heard(again).getFirst().getTurn();
        assertThat(second.getOffset()).isEqualTo(Window.BYTES);
        sendWindow(again, second);
        assertThat(loop.heard(again).getFirst().hasTaken()).isTrue();
        assertThat(made(7)).hasBinaryContent(content(7));
        assertThat(openParts()).isEmpty();
    }

    @Test
    void whoOffersAgainForWhatWaitsIsNotTakenForDead() {
        List<Peer> busy = offerAll(1, 0, Turns.UNDER_WAY_MAX);
        Peer patient = offer(2, 100);
        for (int piece = 0; piece < 3; piece++) {
            now += Turns.EXPIRY_NANOS;
            for (Peer peer : busy) {
                sendPiece(peer, (long) piece * Window.PIECE_BYTES);
            }
            offer(2, 100);
        }
        assertThat(loop.heard(patient)).allMatch(FromFiles::hasQueued);

        now += Turns.EXPIRY_NANOS + 1;
        server.orElseThrow().tick(now);

        assertThat(loop.heard(patient)).anyMatch(FromFiles::hasTurn);
    }

    @Test
    void whatIsOfAttemptsThatAreOverIsClosedAndRemoved() throws IOException {
        offerAll(1, 0, Turns.UNDER_WAY_MAX + 1);
        over.add(Turns.UNDER_WAY_MAX);
        over.add(3);

        server.orElseThrow().tick(now);

        assertThat(openParts()).hasSize(Turns.UNDER_WAY_MAX - 1).noneMatch(part -> part.contains("deleted"));
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all.filter(each -> each.toString().endsWith(".part"))).hasSize(Turns.UNDER_WAY_MAX - 1);
        }
    }

    @Test
    void ofManyThatWaitFewAreOpenAndTheOthersGoOnWhenTheirTurnsCome() throws IOException {
        int jobs = Uploads.OPEN_MAX + 4;
        List<Peer> peers = offerAll(1, 0, jobs);
        assertThat(openParts()).hasSize(Uploads.OPEN_MAX).noneMatch(part -> part.contains("1-0-0-0."));

        // The first were offered first, and closed first.
        Peer first = peers.getFirst();
        sendWindow(first, loop.heard(first).getFirst().getTurn());
        peers.stream().skip(1).filter(peer -> !loop.heard(peer).isEmpty()).forEach(this::close);
        sendWindow(first, loop.heard(first).getFirst().getTurn());

        assertThat(loop.heard(first).getFirst().hasTaken()).isTrue();
        assertThat(made(0)).hasBinaryContent(content(0));
        assertThat(openParts()).hasSizeLessThanOrEqualTo(Uploads.OPEN_MAX);
    }

    @Test
    void oneThatCannotBePutIntoItsPlaceIsClosed() throws IOException {
        Peer peer = offer(1, 7);
        sendWindow(peer, loop.heard(peer).getFirst().getTurn());
        Files.delete(directory.resolve(".interchange-1-7-0-0.part"));
        sendWindow(peer, loop.heard(peer).getFirst().getTurn());

        assertThat(loop.heard(peer).getFirst().hasRefused()).isTrue();
        assertThat(openParts()).isEmpty();
    }

    @Test
    void aTransferThatBeginsWithAnotherOutputLeavesTheFirst() throws IOException {
        Peer peer = offer(1, 7);
        loop.heard(peer);
        say(
                peer,
                8,
                ToFiles.newBuilder()
                        .setOffer(Offer.newBuilder()
                                .setSize(SIZE)
                                .setSha256(ByteString.copyFrom(Sha256.digest().digest(content(8))))));
        assertThat(loop.heard(peer).getFirst().hasTurn()).isTrue();
        assertThat(openParts()).hasSize(1);
        close(peer);
        assertThat(openParts()).isEmpty();
    }
}
