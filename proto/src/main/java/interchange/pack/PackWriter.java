package interchange.pack;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a pack, from its first byte on or from where an earlier writer of the same process ended; nobody else ever writes
 * to that file. Records gather in memory until they are flushed, by one write where the disk allows it. A write that fails
 * leaves a torn record, over which the next flush writes.
 */
public final class PackWriter implements AutoCloseable {
    /** Of a text in one record: a reader holds no more of it than this. */
    public static final int TEXT_BYTES_MAX = 256 * 1024;

    /** Whoever adds more before it is flushed has memory to spare. */
    public static final int GATHERED_BYTES = 1 << 20;

    /** So many records at most lie between two lists of the attempts that go on. */
    private static final int RECORDS_PER_LIST = 1_024;

    private static final int WRITE_BYTES = 256 * 1024;

    private final Target target;
    private final Landmarks landmarks;
    /** Attempts that have printed and not ended, by their last records. */
    private final Map<Attempt, Long> open = new HashMap<>();

    private ByteBuffer gathered = ByteBuffer.allocate(WRITE_BYTES);
    private long flushed;
    private int records;

    /** One of a run. */
    private record Attempt(int job, int number) {}

    /** Where it goes; as a channel to a file. */
    interface Target extends Closeable {
        int write(ByteBuffer bytes, long position) throws IOException;

        /** Makes what was written seen by others. */
        void show() throws IOException;
    }

    private record FileTarget(FileChannel channel, boolean remote) implements Target {
        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            return channel.write(bytes, position);
        }

        @Override
        public void show() throws IOException {
            if (remote) {
                channel.force(false);
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /**
     * Begins one, or goes on with it: what a writer before has ended is found as ever, and what it has torn is cut off.
     *
     * @param file only for what is said of it
     * @param channel to it, for reading and writing; closed with this, or when this fails
     * @param remote whether it is on a file system where others see, and trouble is told, only when it is on the server
     */
    public static PackWriter open(
            Path file, FileChannel channel, boolean remote, int run, String host, String incarnation)
            throws IOException {
        try {
            ByteBuffer head = ByteBuffer.wrap(
                    bytes("interchange pack 1, run " + run + ", host " + host + ", worker " + incarnation + "\n"));
            var target = new FileTarget(channel, remote);
            var records = new Records(file, channel);
            Optional<Header> last = records.last();
            // One that has records and does not begin with one was emptied by somebody while it was written.
            if (last.isEmpty() || !records.begins()) {
                channel.truncate(0);
                return new PackWriter(target, head);
            }
            if (!records.content(records.at(0)).equals(head)) {
                throw records.damaged(0, "it is the pack of another worker or run");
            }
            channel.truncate(last.get().end());
            return new PackWriter(target, last.get().end(), Landmarks.read(records, last.get()));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Begins one. */
    PackWriter(Target target, ByteBuffer head) {
        this(target, 0, new Landmarks());
        records = 0;
        add(Header.Kind.HEAD, Printed.STDOUT, -1, -1, 0, Header.NONE, head);
    }

    private PackWriter(Target target, long flushed, Landmarks landmarks) {
        this.target = target;
        this.flushed = flushed;
        this.landmarks = landmarks;
        // The next record is followed by a list: of what the writer before has listed nothing goes on.
        records = RECORDS_PER_LIST;
        // The writer before may have been torn between an end and the index that it filled.
        addFullIndex();
    }

    private static byte[] bytes(String words) {
        return words.getBytes(StandardCharsets.UTF_8);
    }

    /** Adds a piece of what an attempt printed. @param offset where in that output it begins */
    public void text(int job, int number, Printed printed, long offset, ByteBuffer bytes) {
        if (bytes.remaining() > TEXT_BYTES_MAX) {
            throw new IllegalArgumentException("a text of " + bytes.remaining() + " bytes is too long for a record");
        }
        var attempt = new Attempt(job, number);
        long before = open.getOrDefault(attempt, Header.NONE);
        open.put(attempt, add(Header.Kind.TEXT, printed, job, number, offset, before, bytes));
        listOpen();
    }

    /** Says that no more of it will come. */
    public void end(int job, int number, String name) {
        Long before = open.remove(new Attempt(job, number));
        long at = add(
                Header.Kind.END,
                Printed.STDOUT,
                job,
                number,
                0,
                before == null ? Header.NONE : before,
                ByteBuffer.wrap(bytes(name)));
        landmarks.ended(job, number, at);
        addFullIndex();
        listOpen();
    }

    private void addFullIndex() {
        landmarks.full().ifPresent(full -> {
            ByteBuffer bytes = full.entries().bytes();
            long there = add(Header.Kind.INDEX, Printed.STDOUT, -1, -1, 0, Header.NONE, full.before(), bytes);
            landmarks.written(full, there);
        });
    }

    /** Nobody waits for the rest of it: what is there of it stays to be found, and nothing goes on any more. */
    public void giveUp(int job, int number, String name) {
        if (open.containsKey(new Attempt(job, number))) {
            end(job, number, name);
        }
    }

    private void listOpen() {
        if (records < RECORDS_PER_LIST) {
            return;
        }
        var list = new Index();
        open.forEach((attempt, last) -> list.add(attempt.job(), attempt.number(), last));
        add(Header.Kind.OPEN, Printed.STDOUT, -1, -1, 0, Header.NONE, list.bytes());
        records = 0;
    }

    private long add(
            Header.Kind kind, Printed printed, int job, int number, long offset, long before, ByteBuffer bytes) {
        return add(kind, printed, job, number, offset, before, landmarks.last(), bytes);
    }

    private long add(
            Header.Kind kind,
            Printed printed,
            int job,
            int number,
            long offset,
            long before,
            long furtherBack,
            ByteBuffer bytes) {
        long at = flushed + gathered.position();
        var header = new Header(
                kind,
                printed,
                bytes.remaining(),
                job,
                number,
                at,
                offset,
                before,
                furtherBack,
                Header.crc(bytes.duplicate()));
        makeRoom(header.total());
        header.put(gathered);
        gathered.put(bytes);
        Header.putTrailer(gathered, header.total());
        records++;
        return at;
    }

    private void makeRoom(int bytes) {
        if (gathered.remaining() < bytes) {
            int needed = gathered.position() + bytes;
            ByteBuffer larger = ByteBuffer.allocate(Math.max(2 * gathered.capacity(), needed));
            gathered = larger.put(gathered.flip());
        }
    }

    /** How much is in the file. */
    public long writtenBytes() {
        return flushed;
    }

    /** How much waits to be flushed. */
    public int gatheredBytes() {
        return gathered.position();
    }

    /**
     * Brings all of it into the file, for all who read it; to the disk only where that needs it: what survives its worker
     * is enough. On a failure all of it stays gathered, and is written anew.
     */
    public void flush() throws IOException {
        ByteBuffer bytes = gathered.duplicate().flip();
        if (!bytes.hasRemaining()) {
            return;
        }
        while (bytes.hasRemaining()) {
            ByteBuffer part = bytes.slice(bytes.position(), Math.min(WRITE_BYTES, bytes.remaining()));
            bytes.position(bytes.position() + target.write(part, flushed + bytes.position()));
        }
        target.show();
        flushed += bytes.limit();
        gathered.clear();
        if (gathered.capacity() > 2 * GATHERED_BYTES) {
            gathered = ByteBuffer.allocate(WRITE_BYTES);
        }
    }

    /** Without a flush. */
    @Override
    public void close() throws IOException {
        target.close();
    }
}
