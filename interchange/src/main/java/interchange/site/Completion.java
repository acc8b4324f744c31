package interchange.site;

import interchange.settings.Settings;
import java.time.Duration;

/** Fills in what depends on the provider, the machine or other keys. */
final class Completion {
    private static final Duration MIN_REMAINING = Duration.ofMinutes(10);

    private Completion() {}

    /** @param share of this machine that each worker would have */
    static Settings of(Settings given, NodeCapacity share) {
        boolean local = given.get(SiteKeys.PROVIDER).equals(SiteConfig.LOCAL);
        Settings settings = local ? onThisMachine(given, share) : given;
        if (!given.has(SiteKeys.DISCONNECT_GRACE)) {
            settings = settings.with(SiteKeys.DISCONNECT_GRACE, Duration.ofMinutes(local ? 15 : 60));
        }
        if (!given.has(SiteKeys.POLL_INTERVAL)) {
            settings = settings.with(SiteKeys.POLL_INTERVAL, Duration.ofSeconds(local ? 2 : 30));
        }
        if (!given.has(SiteKeys.MIN_REMAINING)) {
            settings = settings.with(SiteKeys.MIN_REMAINING, minRemaining(given));
        }
        return settings;
    }

    private static Settings onThisMachine(Settings given, NodeCapacity share) {
        Settings settings = given;
        if (!given.has(SiteKeys.CORES)) {
            settings = settings.with(SiteKeys.CORES, share.cores());
        }
        if (!given.has(SiteKeys.MEMORY)) {
            settings = settings.with(SiteKeys.MEMORY, share.memoryMiB());
        }
        return settings;
    }

    /** In blocks that are shorter than the standard, jobs without a walltime could never start. */
    private static Duration minRemaining(Settings given) {
        return given.find(SiteKeys.WALLTIME)
                .map(walltime -> walltime.dividedBy(2))
                .filter(half -> half.compareTo(MIN_REMAINING) < 0)
                .orElse(MIN_REMAINING);
    }
}
