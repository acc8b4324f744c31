package interchange.files;

import interchange.proto.files.Offer;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;

/** What a worker says of an output that is complete on its side. */
record Offered(long size, byte[] sha256, FileTime modified, boolean executable) {
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    static Offered of(Offer offer) {
        return new Offered(
                offer.getSize(),
                offer.getSha256().toByteArray(),
                FileTime.from(Instant.ofEpochSecond(offer.getModifiedEpochSecond(), offer.getModifiedNanos())),
                offer.getExecutable());
    }

    /** Whether it is what a running job has printed so far. */
    boolean grows() {
        return sha256.length == 0;
    }

    boolean isSameAs(Offered other) {
        return size == other.size && Arrays.equals(sha256, other.sha256);
    }

    /** File systems keep whole seconds only, or milliseconds, or microseconds: as many decimals as they like. */
    boolean isOfTime(FileTime found) {
        Instant there = found.toInstant();
        Instant here = modified.toInstant();
        return there.getEpochSecond() == here.getEpochSecond()
                && (there.equals(here) || isShortened(there.getNano(), here.getNano()));
    }

    private static boolean isShortened(int there, int here) {
        for (int unit = 10; unit < NANOS_PER_SECOND; unit *= 10) {
            if (there == here / unit * unit) {
                return true;
            }
        }
        return there == 0;
    }
}
