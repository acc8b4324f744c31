package interchange.pack;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes a pack, from its first byte on; nobody else ever writes to that file. Records gather in memory until they are
 * flushed, by one write where the disk allows it. A write that fails leaves a torn record, over which the next flush writes.
 */
public final class PackWriter implements AutoCloseable {
    /** Of a text in one record: a reader holds no more of it than this. */
    public static final int TEXT_BYTES_MAX = 256 * 1024;

    /** Whoever adds more before it is flushed has memory to spare. */
    public static final int GATHERED_BYTES = 1 << 20;

    /** How many entries an index holds, by level: of 100,000 attempts one is found in some 150 short reads at most. */
    private static final int[] INDEX_ENTRIES = {1 << 6, 1 << 12, Index.ENTRIES_MAX};

    /** So many records at most lie between two lists of the attempts that go on. */
    private static final int RECORDS_PER_LIST = 1_024;

    private static final int WRITE_BYTES = 256 * 1024;

    private final Target target;
    private final Level[] levels = new Level[INDEX_ENTRIES.length];
    /** Attempts that have printed and not ended, by their last records. */
    private final Map<Attempt, Long> open = new HashMap<>();

    private ByteBuffer gathered = ByteBuffer.allocate(WRITE_BYTES);
    private long flushed;
    private long landmark = Header.NONE;
    private int records;

    /** One of a run. */
    private record Attempt(int job, int number) {}

    /** An index that grows. */
    private static final class Level {
        final Index entries = new Index();
        /** Where to go on looking when it is not in there. */
        long before = Header.NONE;
    }

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
     * Begins one.
     *
     * @param channel to a file that is empty, for writing; closed with this
     * @param remote whether it is on a file system where others see, and trouble is told, only when it is on the server
     */
    public PackWriter(FileChannel channel, boolean remote, int run, String host, String incarnation) {
        this(new FileTarget(channel, remote), run, host, incarnation);
    }

    PackWriter(Target target, int run, String host, String incarnation) {
        this.target = target;
        for (int i = 0; i < levels.length; i++) {
            levels[i] = new Level();
        }
        String words = "interchange pack 1, run " + run + ", host " + host + ", worker " + incarnation + "\n";
        add(Header.Kind.HEAD, Printed.STDOUT, -1, -1, 0, Header.NONE, ByteBuffer.wrap(bytes(words)));
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

    /** Says that all of it is there. */
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
        for (Level level : levels) {
            if (level.entries.size() == 0) {
                level.before = landmark;
            }
            level.entries.add(job, number, at);
        }
        landmark = at;
        index();
        listOpen();
    }

    /** The largest that is full takes the place of the smaller ones, which are full as well. */
    private void index() {
        for (int i = levels.length - 1; i >= 0; i--) {
            if (levels[i].entries.size() == INDEX_ENTRIES[i]) {
                ByteBuffer bytes = levels[i].entries.bytes();
                landmark = add(Header.Kind.INDEX, Printed.STDOUT, -1, -1, 0, Header.NONE, levels[i].before, bytes);
                for (int j = 0; j <= i; j++) {
                    levels[j].entries.clear();
                }
                return;
            }
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
        return add(kind, printed, job, number, offset, before, landmark, bytes);
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
