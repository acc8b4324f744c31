package interchange.files;

import interchange.proto.files.Offer;
import interchange.proto.files.ToFiles;
import interchange.wire.Window;

/** Whether what a worker says of a file can be meant at all. */
final class Soundness {
    private static final int NANOS_PER_SECOND = 1_000_000_000;

    /** Beyond what any file system keeps, and far from where sums of offsets would overflow. */
    private static final long SIZE_MAX = 1L << 50;

    /** Seconds that every file system can keep as a time. */
    private static final long TIME_MAX = 1L << 33;

    private Soundness() {}

    static boolean isSound(ToFiles message) {
        return switch (message.getBodyCase()) {
            case LOOK, CLOSE -> true;
            case READ ->
                message.getRead().getSha256().size() == Hashes.BYTES
                        && isSize(message.getRead().getOffset());
            case OFFER -> isSound(message.getOffer(), message.getFile().hasLog());
            case PIECE ->
                isSize(message.getPiece().getOffset())
                        && message.getPiece().getData().size() <= Window.PIECE_BYTES;
            case BODY_NOT_SET -> false;
        };
    }

    private static boolean isSound(Offer offer, boolean mayGrow) {
        int hashed = offer.getSha256().size();
        return isSize(offer.getSize())
                && (hashed == Hashes.BYTES || (hashed == 0 && mayGrow))
                && offer.getModifiedEpochSecond() > -TIME_MAX
                && offer.getModifiedEpochSecond() < TIME_MAX
                && offer.getModifiedNanos() >= 0
                && offer.getModifiedNanos() < NANOS_PER_SECOND;
    }

    private static boolean isSize(long bytes) {
        return bytes >= 0 && bytes <= SIZE_MAX;
    }
}
