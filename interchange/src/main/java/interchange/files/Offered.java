package interchange.files;

import interchange.proto.files.Offer;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;

/** What a worker says of an output that is complete on its side. */
record Offered(long size, byte[] sha256, FileTime modified, boolean executable) {
    static Offered of(Offer offer) {
        return new Offered(
                offer.getSize(),
                offer.getSha256().toByteArray(),
                FileTime.from(Instant.ofEpochSecond(offer.getModifiedEpochSecond(), offer.getModifiedNanos())),
                offer.getExecutable());
    }

    boolean isSameAs(Offered other) {
        return size == other.size && Arrays.equals(sha256, other.sha256);
    }

    /** Some file systems keep whole seconds only. */
    boolean isOfTime(FileTime found) {
        Instant there = found.toInstant();
        Instant here = modified.toInstant();
        return there.equals(here) || (there.getNano() == 0 && there.getEpochSecond() == here.getEpochSecond());
    }
}
