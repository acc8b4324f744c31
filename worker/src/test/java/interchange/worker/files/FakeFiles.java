package interchange.worker.files;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.files.Changed;
import interchange.proto.files.FileName;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Later;
import interchange.proto.files.Offer;
import interchange.proto.files.Piece;
import interchange.proto.files.Refused;
import interchange.proto.files.Taken;
import interchange.proto.files.ToFiles;
import interchange.proto.files.Turn;
import interchange.proto.worker.AttemptName;
import interchange.shared.Sha256;
import interchange.wire.UnreachableException;
import interchange.wire.Window;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/** The daemon's end of files, in memory: serves, takes, and fails as it is told to. */
public final class FakeFiles implements LineOpener {
    private static final byte[] WAKE = {};

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<FileName, byte[]> inputs = new ConcurrentHashMap<>();
    private final Map<FileName, String> refusals = new ConcurrentHashMap<>();
    private final Map<FileName, ByteArrayOutputStream> partial = new ConcurrentHashMap<>();
    private final Map<Long, Offer> offers = new ConcurrentHashMap<>();
    public final Map<FileName, byte[]> taken = new ConcurrentHashMap<>();
    public final Map<FileName, Offer> offered = new ConcurrentHashMap<>();
    public final List<ToFiles> heard = new CopyOnWriteArrayList<>();
    public final List<Long> readOffsets = new CopyOnWriteArrayList<>();
    public final AtomicInteger lines = new AtomicInteger();
    private final AtomicInteger piecesUntilBreak = new AtomicInteger(Integer.MAX_VALUE);
    private final AtomicInteger piecesToSpoil = new AtomicInteger();
    private final AtomicInteger piecesToRepeat = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger laters = new AtomicInteger();
    private volatile boolean reachable = true;
    private volatile boolean answersOffers = true;
    private volatile boolean answersReads = true;

    public static FileName name(AttemptName attempt, int number) {
        return FileName.newBuilder().setAttempt(attempt).setNumber(number).build();
    }

    public static FileName log(AttemptName attempt, FileName.Log log) {
        return FileName.newBuilder().setAttempt(attempt).setLog(log).build();
    }

    public FakeFiles input(AttemptName attempt, int number, byte[] content) {
        inputs.put(name(attempt, number), content);
        return this;
    }

    public FakeFiles refuses(FileName file, String why) {
        refusals.put(file, why);
        return this;
    }

    public void reachable(boolean is) {
        reachable = is;
    }

    public void answersOffers(boolean does) {
        answersOffers = does;
    }

    public void answersReads(boolean does) {
        answersReads = does;
    }

    /** In either direction; once. */
    public void breaksAfterPieces(int count) {
        piecesUntilBreak.set(count);
    }

    public void spoilsPieces(int count) {
        piecesToSpoil.set(count);
    }

    public void sendsPiecesTwice(int count) {
        piecesToRepeat.set(count);
    }

    public void saysChanged(int times) {
        changes.set(times);
    }

    public void saysLater(int times) {
        laters.set(times);
    }

    public Offer offeredOf(AttemptName attempt, int number) {
        return Objects.requireNonNull(offered.get(name(attempt, number)));
    }

    public byte[] takenOf(AttemptName attempt, int number) {
        return taken.getOrDefault(name(attempt, number), new byte[0]);
    }

    @Override
    public Line openLine(Duration timeout) throws UnreachableException {
        if (!reachable) {
            throw new UnreachableException("nobody there");
        }
        lines.incrementAndGet();
        return new FakeLine();
    }

    private final class FakeLine implements Line {
        private final BlockingQueue<byte[]> toWorker = new LinkedBlockingQueue<>();
        private volatile boolean broken;

        @Override
        public boolean send(byte[] bytes) {
            if (broken || !reachable) {
                return false;
            }
            lock.lock();
            try {
                ToFiles message = ToFiles.parseFrom(bytes);
                answer(message);
                heard.add(message.hasPiece() ? message.toBuilder().clearPiece().build() : message);
                return true;
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            } finally {
                lock.unlock();
            }
        }

        private void answer(ToFiles message) {
            if (laters.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                post(message, FromFiles.newBuilder().setLater(Later.newBuilder().setReason("not now")));
                return;
            }
            String refusal = refusals.get(message.getFile());
            if (refusal != null && !message.hasClose()) {
                post(
                        message,
                        FromFiles.newBuilder().setRefused(Refused.newBuilder().setReason(refusal)));
                return;
            }
            switch (message.getBodyCase()) {
                case LOOK -> look(message);
                case READ -> read(message);
                case OFFER -> {
                    offers.put(message.getTransfer(), message.getOffer());
                    offered.put(message.getFile(), message.getOffer());
                    if (answersOffers) {
                        turn(message);
                    }
                }
                case PIECE -> take(message);
                case CLOSE, BODY_NOT_SET -> {
                    // Nothing to say.
                }
            }
        }

        private void look(ToFiles message) {
            byte[] content = inputs.get(message.getFile());
            Found.Builder found = Found.newBuilder();
            if (content != null) {
                found.setSize(content.length)
                        .setSha256(ByteString.copyFrom(Sha256.digest().digest(content)));
            }
            post(message, FromFiles.newBuilder().setFound(found));
        }

        private void read(ToFiles message) {
            byte[] content = inputs.get(message.getFile());
            int from = (int) message.getRead().getOffset();
            readOffsets.add((long) from);
            if (!answersReads) {
                return;
            }
            if (content == null || changes.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                post(message, FromFiles.newBuilder().setChanged(Changed.getDefaultInstance()));
                return;
            }
            int end = Math.min(content.length, from + Window.BYTES);
            for (int at = from; at < end && !broken; at += Window.PIECE_BYTES) {
                byte[] data = Arrays.copyOfRange(content, at, Math.min(end, at + Window.PIECE_BYTES));
                if (piecesToSpoil.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    data[0]++;
                }
                var piece = Piece.newBuilder().setOffset(at).setData(ByteString.copyFrom(data));
                post(message, FromFiles.newBuilder().setPiece(piece));
                if (piecesToRepeat.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    post(message, FromFiles.newBuilder().setPiece(piece));
                }
                countPiece();
            }
        }

        private void take(ToFiles message) {
            ByteArrayOutputStream present = partial(message);
            if (message.getPiece().getOffset() != present.size() || broken) {
                return;
            }
            present.writeBytes(message.getPiece().getData().toByteArray());
            countPiece();
            if (present.size() % Window.BYTES == 0 || isComplete(message)) {
                turn(message);
            }
        }

        private boolean isComplete(ToFiles message) {
            return partial(message).size() == offer(message).getSize();
        }

        private Offer offer(ToFiles message) {
            return Objects.requireNonNull(offers.get(message.getTransfer()));
        }

        private ByteArrayOutputStream partial(ToFiles message) {
            return partial.computeIfAbsent(message.getFile(), _ -> new ByteArrayOutputStream());
        }

        private void turn(ToFiles message) {
            Offer offer = offer(message);
            ByteArrayOutputStream present = partial(message);
            if (present.size() < offer.getSize()) {
                long length = Math.min(Window.BYTES, offer.getSize() - present.size());
                post(
                        message,
                        FromFiles.newBuilder()
                                .setTurn(Turn.newBuilder()
                                        .setOffset(present.size())
                                        .setLength(length)));
                return;
            }
            byte[] digest = Sha256.digest().digest(present.toByteArray());
            boolean grows = offer.getSha256().isEmpty();
            if (!grows && !ByteString.copyFrom(digest).equals(offer.getSha256())) {
                throw new AssertionError("what came is not what was offered");
            }
            taken.put(message.getFile(), present.toByteArray());
            post(message, FromFiles.newBuilder().setTaken(Taken.getDefaultInstance()));
        }

        private void countPiece() {
            if (piecesUntilBreak.decrementAndGet() == 0) {
                broken = true;
                toWorker.add(WAKE);
            }
        }

        private void post(ToFiles asked, FromFiles.Builder answer) {
            toWorker.add(answer.setTransfer(asked.getTransfer()).build().toByteArray());
        }

        @Override
        public Optional<byte[]> receive(Duration timeout) {
            try {
                byte[] message = toWorker.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
                return Optional.ofNullable(message).filter(bytes -> bytes.length > 0);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void wake() {
            toWorker.add(WAKE);
        }

        @Override
        public boolean broken() {
            return broken;
        }

        @Override
        public void close() {
            broken = true;
        }
    }
}
