package interchange.daemon;

import interchange.core.Site;
import interchange.provider.Provider;
import interchange.site.SiteConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/**
 * Every site that a run of this daemon names, by index. The loader adds, any thread reads.
 *
 * <p>A site is its name and its content: another content under a known name is another site, {@code name~2}.
 */
final class Sites {
    private final Map<Integer, Entry> byIndex = new ConcurrentSkipListMap<>();
    private final Function<SiteConfig, Provider> providers;

    Sites(Function<SiteConfig, Provider> providers) {
        this.providers = providers;
    }

    record Entry(int index, SiteConfig config, Provider provider) {
        Site core() {
            return config.toCore(index);
        }
    }

    Entry get(int index) {
        Entry entry = byIndex.get(index);
        if (entry == null) {
            throw new IllegalStateException("site " + index + " is not known");
        }
        return entry;
    }

    Optional<Entry> named(String name) {
        return byIndex.values().stream()
                .filter(entry -> entry.config().name().equals(name))
                .findFirst();
    }

    /** The site of this name; where there is none, the pools of the section of this name. */
    List<Entry> namedOrPoolsOf(String name) {
        return named(name)
                .map(List::of)
                .orElseGet(() -> byIndex.values().stream()
                        .filter(entry -> entry.config().name().startsWith(name + "."))
                        .toList());
    }

    List<Entry> all() {
        return List.copyOf(byIndex.values());
    }

    /** From the journal, or when it is there. */
    Entry add(int index, SiteConfig config) {
        Entry entry = new Entry(index, config, providers.apply(config));
        byIndex.put(index, entry);
        return entry;
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
                int index = byIndex.keySet().stream().mapToInt(i -> i + 1).max().orElse(0) + proposed.size();
                return new Entry(index, named, providers.apply(named));
            }
            if (taken.get().config().content().equals(config.content())) {
                return taken.get();
            }
        }
    }
}
