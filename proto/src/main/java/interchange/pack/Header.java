package interchange.pack;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The head of a record. It holds its own position, so that a job that prints a pack can't be taken for one.
 *
 * @param printed of a text: what it is a piece of
 * @param length of what follows it
 * @param position of this head in the file
 * @param offset of a text: where in that output it begins
 * @param before the record before this one of the same attempt; {@link #NONE}: it is the first
 * @param landmark where to go on looking for an attempt that this record does not tell of; {@link #NONE}: nowhere
 * @param crc CRC-32C of what follows it
 */
record Header(
        Kind kind,
        Printed printed,
        int length,
        int job,
        int number,
        long position,
        long offset,
        long before,
        long landmark,
        int crc) {
    /** "ICP1": the format and its version. */
    static final int MAGIC = 0x49435031;

    /** "ICPE": before it the length of the whole record, so that a file can be read backwards. */
    static final int TRAILER_MAGIC = 0x49435045;

    static final int BYTES = 60;
    static final int TRAILER_BYTES = 8;
    static final long NONE = -1;

    /** Of what follows a head: the largest index. Whatever says that it is longer is none of ours. */
    static final int LENGTH_MAX = Index.BYTES * Index.ENTRIES_MAX;

    private static final int CRC_AT = BYTES - Integer.BYTES;

    enum Kind {
        /** The first record, in words: whose pack this is. */
        HEAD,
        /** A piece of what an attempt printed. */
        TEXT,
        /** No more of an attempt will come; what follows it is the name of the job. */
        END,
        /** The ends of a number of attempts. */
        INDEX,
        /** The last texts of all attempts that have not ended. */
        OPEN;

        private static final Kind[] BY_CODE = values();
    }

    /** Of the record, from head to trailer. */
    int total() {
        return BYTES + length + TRAILER_BYTES;
    }

    /** Where the next one begins. */
    long end() {
        return position + total();
    }

    boolean isLandmark() {
        return kind == Kind.END || kind == Kind.INDEX;
    }

    /** Itself, or the one to which it leads. */
    long nearestLandmark() {
        return isLandmark() ? position : landmark;
    }

    /** Of a landmark: of how many ends it tells. */
    int entries() {
        return kind == Kind.INDEX ? length / Index.BYTES : 1;
    }

    boolean isOf(int wantedJob, int wantedNumber) {
        return job == wantedJob && number == wantedNumber;
    }

    void put(ByteBuffer to) {
        int from = to.position();
        to.putInt(MAGIC)
                .put((byte) kind.ordinal())
                .put((byte) printed.code())
                .putShort((short) 0)
                .putInt(length)
                .putInt(job)
                .putInt(number)
                .putLong(position)
                .putLong(offset)
                .putLong(before)
                .putLong(landmark)
                .putInt(crc);
        to.putInt(crc(to.slice(from, CRC_AT)));
    }

    static void putTrailer(ByteBuffer to, int total) {
        to.putInt(total).putInt(TRAILER_MAGIC);
    }

    /** Empty: no head of ours begins there. */
    static Optional<Header> read(ByteBuffer from, long at) {
        if (from.remaining() < BYTES || from.getInt(from.position()) != MAGIC) {
            return Optional.empty();
        }
        ByteBuffer bytes = from.slice(from.position(), BYTES);
        int kind = bytes.get(4);
        int printed = bytes.get(5);
        boolean sound = bytes.getInt(CRC_AT) == crc(bytes.slice(0, CRC_AT))
                && kind >= 0
                && kind < Kind.BY_CODE.length
                && printed >= 0
                && printed <= Printed.STDERR.code();
        if (!sound) {
            return Optional.empty();
        }
        Header header = new Header(
                Kind.BY_CODE[kind],
                Printed.of(printed),
                bytes.getInt(8),
                bytes.getInt(12),
                bytes.getInt(16),
                bytes.getLong(20),
                bytes.getLong(28),
                bytes.getLong(36),
                bytes.getLong(44),
                bytes.getInt(52));
        return Optional.of(header).filter(found -> found.isPossible(at));
    }

    /** What leads to others leads back: whoever follows it comes to an end. */
    private boolean isPossible(long at) {
        return position == at
                && length >= 0
                && length <= LENGTH_MAX
                && offset >= 0
                && before >= NONE
                && before < position
                && landmark >= NONE
                && landmark < position;
    }

    static int crc(ByteBuffer bytes) {
        var sum = new CRC32C();
        sum.update(bytes);
        return (int) sum.getValue();
    }
}
