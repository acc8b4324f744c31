package interchange.core;

/** Counts what happened in the last minute, in buckets of five seconds. */
final class RateMeter {
    private static final int BUCKETS = 12;
    private static final long BUCKET_MILLIS = 5_000;

    private final int[] counts = new int[BUCKETS];
    private long firstMillis = -1;
    private long bucket = -1;

    void count(long nowMillis) {
        advance(nowMillis);
        counts[(int) (bucket % BUCKETS)]++;
    }

    /** Events a second, over the last minute or since the first one. */
    double perSecond(long nowMillis) {
        if (firstMillis < 0) {
            return 0;
        }
        advance(nowMillis);
        long total = 0;
        for (int count : counts) {
            total += count;
        }
        long span = Math.clamp(nowMillis - firstMillis, 1_000, BUCKETS * BUCKET_MILLIS);
        return total * 1_000.0 / span;
    }

    private void advance(long nowMillis) {
        long now = nowMillis / BUCKET_MILLIS;
        if (firstMillis < 0) {
            firstMillis = nowMillis;
            bucket = now;
        }
        long steps = Math.min(now - bucket, BUCKETS);
        for (long step = 1; step <= steps; step++) {
            counts[(int) ((bucket + step) % BUCKETS)] = 0;
        }
        bucket = Math.max(bucket, now);
    }
}
