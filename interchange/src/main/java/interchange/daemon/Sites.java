package interchange.daemon;

import interchange.core.Site;
import interchange.journal.Write;
import interchange.provider.Provider;
import interchange.site.SiteConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Every site that a run of this daemon names, by index. The loader adds, any thread reads.
 *
 * <p>A site is its name and its content: another content under a known name is another site, {@code name~2}. The
 * allocation that it runs in, where it does, may change.
 */
final class Sites {
    private final Map<Integer, Entry> byIndex = new ConcurrentSkipListMap<>();

    /** Below it are all indices of the journal, also of sites that can't be read. */
    private final AtomicInteger nextIndex = new AtomicInteger();

    private final Function<SiteConfig, Provider> providers;

    Sites(Function<SiteConfig, Provider> providers) {
        this.providers = providers;
    }

    record Entry(int index, SiteConfig config, Provider provider) {
        Site core() {
            return config.toCore(index);
        }

        Write write() {
            return new Write.SiteStored(index, config.name(), config.toJson());
        }
    }

    Entry get(int index) {
        Entry entry = byIndex.get(index);
        if (entry == null) {
            throw new IllegalStateException("site " + index + " is not known");
        }
        return entry;
    }

    boolean isKnown(int index) {
        return byIndex.containsKey(index);
    }

    Optional<Entry> named(String name) {
        return byIndex.values().stream()
                .filter(entry -> entry.config().name().equals(name))
                .findFirst();
    }

    /** The site of this name, and all that came of the section of this name: its pools, and its other contents. */
    List<Entry> allOf(String name) {
        return byIndex.values().stream()
                .filter(entry -> {
                    String full = entry.config().name();
                    return full.equals(name) || full.startsWith(name + ".") || full.startsWith(name + "~");
                })
                .toList();
    }

    List<Entry> all() {
        return List.copyOf(byIndex.values());
    }

    /** From the journal, or when it is there. */
    Entry add(int index, SiteConfig config) {
        taken(index);
        Entry entry = new Entry(index, config, providers.apply(config));
        byIndex.put(index, entry);
        return entry;
    }

    /** A site of a held allocation in another one; empty: it is there already, or is no such site, or none is given. */
    Optional<Entry> movedTo(String allocation, Entry entry) {
        SiteConfig config = entry.config();
        return allocation.isEmpty()
                        || !config.provider().equals(SiteConfig.SRUN)
                        || config.allocation().equals(allocation)
                ? Optional.empty()
                : Optional.of(new Entry(entry.index(), config.inAllocation(allocation), entry.provider()));
    }

    /** Of a site that need not be one of these. */
    Provider provider(SiteConfig config) {
        return providers.apply(config);
    }

    /** A site of the journal has this index, though nobody may be able to use it. */
    void taken(int index) {
        nextIndex.accumulateAndGet(index + 1, Math::max);
    }

    /** The entry of an equal site; else one that is new and not yet added, under a name of its own. */
    Entry entryFor(SiteConfig config, List<Entry> proposed) {
        String base = config.name();
        for (int n = 1; ; n++) {
            String name = n == 1 ? base : base + "~" + n;
            Optional<Entry> taken = named(name)
                    .or(() -> proposed.stream()
                            .filter(entry -> entry.config().name().equals(name))
                            .findFirst());
            SiteConfig named = config.named(name);
            if (taken.isEmpty()) {
                return new Entry(nextIndex.get() + proposed.size(), named, providers.apply(named));
            }
            if (taken.get().config().content().equals(config.content())) {
                return taken.get();
            }
        }
    }
}
