package interchange.worker.files;

import interchange.pack.PackWriter;
import interchange.pack.Printed;
import interchange.proto.worker.AttemptName;
import interchange.worker.process.GuardedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/** One attempt on its way into a pack: how far each of its outputs is in there. The packer's. */
final class Packing {
    final PackOrder order;
    private final Output stdout;
    private final Output stderr;
    /** Into which all that counts as packed has gone; of another that takes its place nothing has. */
    private Optional<Packs.Pack> in = Optional.empty();

    private boolean ended;
    /** Since when it can't be packed; empty: nothing is wrong with it. */
    private OptionalLong troubledNanos = OptionalLong.empty();

    private long nextTryNanos;

    private static final class Output {
        final Path file;
        final Printed printed;
        /** How far the file has been read, and how much that makes in the pack: less, if the job has emptied it meanwhile. */
        long read;

        long packed;

        Output(Path file, Printed printed) {
            this.file = file;
            this.printed = printed;
        }

        void again() {
            read = 0;
            packed = 0;
        }
    }

    Packing(PackOrder order) {
        this.order = order;
        stdout = new Output(order.prints().stdout(), Printed.STDOUT);
        stderr = new Output(order.prints().stderr(), Printed.STDERR);
    }

    private boolean isOneLog() {
        return stdout.file.equals(stderr.file);
    }

    /**
     * Adds what is new; from the beginning, if the pack is another than before.
     *
     * @param bytesMax of each output, or a little more; the rest is for later
     * @return whether that is all that there is by now
     */
    boolean copyTo(Packs.Pack pack, GuardedFiles files, ByteBuffer buffer, long bytesMax) throws IOException {
        if (in.filter(present -> present == pack).isEmpty()) {
            in = Optional.of(pack);
            stdout.again();
            stderr.again();
            ended = false;
        }
        boolean all = copy(stdout, pack, files, buffer, bytesMax);
        return (isOneLog() || copy(stderr, pack, files, buffer, bytesMax)) && all;
    }

    private boolean copy(Output output, Packs.Pack pack, GuardedFiles files, ByteBuffer buffer, long bytesMax)
            throws IOException {
        long size = size(output.file);
        if (size < output.read) {
            output.read = 0;
        }
        if (size == output.read) {
            return true;
        }
        AttemptName attempt = order.attempt();
        long end = output.packed + bytesMax;
        try (FileChannel channel = files.open(output.file, StandardOpenOption.READ)) {
            while (output.packed < end) {
                flushIfFull(pack);
                int length = channel.read(buffer.clear(), output.read);
                if (length < 0) {
                    return true;
                }
                pack.writer.text(attempt.getJob(), attempt.getNumber(), output.printed, output.packed, buffer.flip());
                output.read += length;
                output.packed += length;
            }
        }
        return false;
    }

    /** Before anything comes to it: while it can't be written, it must not grow. */
    private static void flushIfFull(Packs.Pack pack) throws IOException {
        if (pack.writer.gatheredBytes() >= PackWriter.GATHERED_BYTES) {
            pack.flush();
        }
    }

    /** One that never started has none. */
    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    boolean isDue(long now) {
        return troubledNanos.isEmpty() || now - nextTryNanos >= 0;
    }

    /** Returns for how long it has not worked. */
    long failed(long now, long pauseNanos) {
        nextTryNanos = now + pauseNanos;
        if (troubledNanos.isEmpty()) {
            troubledNanos = OptionalLong.of(now);
        }
        return now - troubledNanos.getAsLong();
    }

    /** Whatever kept it from being packed counts no more. */
    void forgetTrouble() {
        troubledNanos = OptionalLong.empty();
    }

    boolean isTroubled() {
        return troubledNanos.isPresent();
    }

    /** Once: what is gathered of it stays so until it can be written. */
    void endIn(Packs.Pack pack) throws IOException {
        if (!ended) {
            flushIfFull(pack);
            pack.writer.end(order.attempt().getJob(), order.attempt().getNumber(), order.job());
            ended = true;
        }
    }

    /** Whether its end is in its pack, or gathered to go there. */
    boolean hasEnded() {
        return ended;
    }

    /** Nothing more of it will go there. */
    void giveUp() {
        in.ifPresent(pack ->
                pack.writer.giveUp(order.attempt().getJob(), order.attempt().getNumber(), order.job()));
    }

    void remove() {
        Trees.remove(stdout.file);
        if (!isOneLog()) {
            Trees.remove(stderr.file);
        }
    }

    /** Puts what it printed aside, where its user finds it. */
    Path keep() throws IOException {
        Path kept = Scratch.kept(stdout.file);
        Files.createDirectories(kept);
        for (Path file : new Path[] {stdout.file, stderr.file}) {
            if (Files.exists(file)) {
                Files.move(file, kept.resolve(file.getFileName()));
            }
        }
        return kept.resolve(stdout.file.getFileName());
    }
}
